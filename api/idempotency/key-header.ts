import { z } from 'zod';
import { invalid } from '../../billing/refusal.ts';

export const IDEMPOTENCY_KEY = 'Idempotency-Key';

/** Characters that a key may have at most. */
export const KEY_LENGTH = 255;

/**
 * Printable ASCII without spaces: what every proxy passes on unchanged. A header that is sent twice arrives joined by a
 * comma and a space.
 */
const PRINTABLE = /^[\x21-\x7e]+$/;

/** What the OpenAPI document says of it. */
export const idempotencyKeyHeader = z.object({
  [IDEMPOTENCY_KEY]: z
    .string()
    .max(KEY_LENGTH)
    .regex(PRINTABLE)
    .optional()
    .meta({
      description:
        'Makes the request safe to repeat for 30 days: the first answer is kept and given again, with the header ' +
        '`Idempotent-Replayed: true`. The same key with another request is 422 `idempotency_key_reused`; while the ' +
        'first request still runs, 409 `idempotency_key_in_use`. Answers of 5xx are not kept, nor are 409 and ' +
        '`lock_acquisition_failed`.',
    }),
});

/**
 * The key of a request that changes something (spec, decisions).
 *
 * @param header as Node gives it; undefined: not sent.
 * @returns null when there is none.
 * @throws Refusal 422 on `Idempotency-Key`.
 */
export function idempotencyKeyOf(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (header === '') throw invalid({ [IDEMPOTENCY_KEY]: ['value_is_mandatory'] });
  if (header.length > KEY_LENGTH) throw invalid({ [IDEMPOTENCY_KEY]: ['value_is_too_long'] });
  if (!PRINTABLE.test(header)) throw invalid({ [IDEMPOTENCY_KEY]: ['value_is_invalid'] });
  return header;
}
