import type { VatNumber } from '../../billing/taxes/vat-number.ts';
import { readViesAnswer, viesError, type ViesAnswer } from '../../billing/taxes/vies-answer.ts';

/** Asks once whether a number is valid. It never throws: what went wrong is an answer too. */
export type AskVies = (number: VatNumber) => Promise<ViesAnswer>;

export interface ViesOptions {
  /** Base of the EU's REST service; a number is asked for at `/check-vat-number` below it. */
  readonly url: string;
  /** Who asks: VIES then gives a consultation number, which proves that we did. null: nobody in particular. */
  readonly requester: VatNumber | null;
  /** How long a try takes at most, to the end of the answer. */
  readonly limitMs?: number;
}

/** The EU's own service. */
export const VIES_REST_API = 'https://ec.europa.eu/taxation_customs/vies/rest-api';

const LIMIT_MS = 10_000;

/** What is read of an answer; a real one has less than a kilobyte. */
const ANSWER_BYTES = 64 * 1024;

/**
 * Makes the function that asks VIES. Redirects are not followed: the number goes to the service that was configured.
 */
export function makeAskVies({ url, requester, limitMs = LIMIT_MS }: ViesOptions): AskVies {
  const target = `${url.replace(/\/+$/, '')}/check-vat-number`;
  return async ({ countryCode, number }) => {
    const limit = AbortSignal.timeout(limitMs);
    try {
      const answer = await fetch(target, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'User-Agent': 'durabill' },
        body: JSON.stringify({
          countryCode,
          vatNumber: number,
          ...(requester && {
            requesterMemberStateCode: requester.countryCode,
            requesterNumber: requester.number,
          }),
        }),
        redirect: 'manual',
        signal: limit,
      });
      return readViesAnswer({ countryCode, number }, answer.status, await textOf(answer));
    } catch (error) {
      return limit.aborted
        ? viesError('timeout', `VIES did not answer within ${limitMs / 1000} s`)
        : viesError('service_unavailable', `VIES could not be reached: ${reasonOf(error)}`);
    }
  };
}

/** The answer's text; null when it is longer than any real one, and the rest is then left unread. */
async function textOf({ body }: Response): Promise<string | null> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as { readonly cause?: unknown };
  const { code, message } = cause as { readonly code?: string; readonly message?: string };
  return code ?? message ?? String(cause);
}
