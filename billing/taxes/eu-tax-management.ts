import { featureUnavailable, invalid } from '../refusal.ts';
import { isInEu } from './eu-countries.ts';

/** How an endpoint says that an issuer is outside the European Union. */
export type NotInEu = 'org_must_be_in_eu' | 'billing_entity_must_be_in_eu';

/**
 * Refuses to manage an issuer's EU taxes: outside the EU by the rules (spec, money 1.7), within it because this version
 * does not have them yet, and better refused than silently wrong.
 *
 * @param country of the issuer once the request is done.
 * @throws Refusal 422 on `eu_tax_management`; 403 `feature_unavailable`.
 */
export function refuseEuTaxManagement(isAsked: boolean, country: string | null, notInEu: NotInEu): void {
  if (!isAsked) return;
  if (!isInEu(country)) throw invalid({ eu_tax_management: [notInEu] });
  throw featureUnavailable(['eu_tax_management']);
}
