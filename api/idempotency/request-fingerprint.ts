import { createHash } from 'node:crypto';
import { lengthPrefixed } from '../../billing/idempotency/idempotency-key.ts';

export interface FingerprintedRequest {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly url: string;
  /** The body as durabill has read it; undefined: none. */
  readonly body: unknown;
  /** Whoever asks, where only the same API key may have the answer again. */
  readonly credential: string | null;
}

/**
 * SHA-256 of what a request asks for. Of the body it takes what durabill has understood, not the bytes: a client that
 * repeats a request may write the same object with its keys in another order or other white space, and must not be
 * refused for it; numbers count with all their digits.
 */
export function requestFingerprint({ method, url, body, credential }: FingerprintedRequest): Buffer {
  const texts = [method, url, body === undefined ? '' : canonicalJson(body), credential ?? ''];
  return createHash('sha256').update(lengthPrefixed(texts)).digest();
}

/** JSON with the keys of every object in one order. Its nesting is limited by whoever read it (`api/http/body.ts`). */
const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) && !JSON.isRawJSON(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
