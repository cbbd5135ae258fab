import { invalid, type Refusal } from '../refusal.ts';

/** Endpoints of one organization (spec, api 4.1). */
export const ENDPOINTS_MAX = 10;

/** 422: the organization has an endpoint with this URL. */
export const urlTaken = (): Refusal => invalid({ webhook_url: ['value_already_exist'] });

/**
 * For one endpoint more: of ten, and with a URL of its own.
 *
 * @param present the URLs of the organization's endpoints.
 * @throws Refusal 422 `webhook_url: value_already_exist`, `base: exceeded_limit`.
 */
export function refuseAnotherEndpoint(present: readonly string[], url: string): void {
  if (present.includes(url)) throw urlTaken();
  if (present.length >= ENDPOINTS_MAX) throw invalid({ base: ['exceeded_limit'] });
}
