/** Field to its codes, as the wire shows them; batches use the index as key (spec, api 1.3). */
export type ErrorDetails = Readonly<Record<string, unknown>>;

export type RefusalReason =
  | { readonly kind: 'validation'; readonly details: ErrorDetails | string }
  | { readonly kind: 'not_found'; readonly resource: string }
  | { readonly kind: 'unauthorized' }
  | { readonly kind: 'forbidden'; readonly code: string; readonly details?: ErrorDetails }
  | { readonly kind: 'not_allowed'; readonly code: string }
  | { readonly kind: 'bad_request'; readonly text: string }
  | { readonly kind: 'conflict'; readonly code: string }
  | { readonly kind: 'unprocessable'; readonly code: string }
  | { readonly kind: 'lock_busy' };

/**
 * What was asked for cannot be done, and asking again will not help until something else changes. Mapped to HTTP in
 * `api/http/errors.ts`.
 */
export class Refusal extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason) {
    super(JSON.stringify(reason));
    this.name = 'Refusal';
    this.reason = reason;
  }
}

/** 422: `details` maps a field to its list of codes; a text where the spec has one (usage 1.6). */
export const invalid = (details: ErrorDetails | string): Refusal => new Refusal({ kind: 'validation', details });

/** 404: `resource` is the singular name, as in `customer_not_found`. */
export const notFound = (resource: string): Refusal => new Refusal({ kind: 'not_found', resource });

/** 401: nobody that is known asks, or nobody any more. */
export const unauthorized = (): Refusal => new Refusal({ kind: 'unauthorized' });

/** 403. */
export const forbidden = (code: string): Refusal => new Refusal({ kind: 'forbidden', code });

/**
 * 403 for a part of the API that this version does not have yet: better refused than silently wrong.
 *
 * @param fields of the request that ask for it; none: it is not for a field (spec, decisions).
 */
export function featureUnavailable(fields: readonly string[] = []): Refusal {
  const code = 'feature_unavailable';
  if (fields.length === 0) return forbidden(code);
  return new Refusal({ kind: 'forbidden', code, details: Object.fromEntries(fields.map((field) => [field, [code]])) });
}

/** 405: the state of the thing refuses the action. */
export const notAllowed = (code: string): Refusal => new Refusal({ kind: 'not_allowed', code });
