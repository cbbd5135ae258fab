import type { ProviderAnswer, ProviderError } from './provider-answer.ts';
import { ProviderAnswerUnusable, taxesByProvider, type SentFee } from './provider-taxes.ts';
import type { FeeTaxes } from './fee-taxes.ts';

/** An invoice of a customer whom an external provider taxes. */
export interface ProviderTaxedInvoice {
  readonly status: 'draft' | 'pending' | 'failed';
  readonly fees: readonly SentFee[];
  /** To these fees; null: the provider has not been asked about them. */
  readonly answer: ProviderAnswer | null;
  /** Why it failed last; null: it has not. */
  readonly failure: { readonly message: string; readonly at: Date } | null;
}

/** What is to be done about it next. */
export type ProviderStep =
  /** The provider is asked; a failed invoice waits for its taxes again. */
  | { readonly kind: 'ask' }
  /** It is asked again by itself, but later. */
  | { readonly kind: 'wait'; readonly until: Date }
  /** These are its taxes, by fee. */
  | { readonly kind: 'tax'; readonly taxes: ReadonlyMap<string, FeeTaxes> }
  /** It has none. `retryAt`: when it is asked again by itself; null: when somebody wants it. */
  | { readonly kind: 'fail'; readonly error: ProviderError; readonly retryAt: Date | null }
  /** It has failed, and whoever mends the reason has it retried. */
  | { readonly kind: 'end' };

/** After a provider that had no room, as it says itself (spec, subscriptions-and-invoices 6.7). */
const NO_ROOM = /API limit/;
const NO_ROOM_WAIT_MS = 15 * 60_000;

/**
 * What becomes of an invoice that an external provider taxes (spec, money 1.8; subscriptions-and-invoices 6.7).
 *
 * A final invoice whose provider said "API limit reached" at 10:00 has failed, and is asked about again at 10:15.
 *
 * @param now the organization's clock.
 */
export function providerStep(invoice: ProviderTaxedInvoice, now: Date): ProviderStep {
  const { status, fees, answer, failure } = invoice;
  if (status === 'failed') {
    const retryAt = failure && retryAfter(failure.message, failure.at);
    if (!retryAt) return { kind: 'end' };
    return retryAt > now ? { kind: 'wait', until: retryAt } : { kind: 'ask' };
  }
  if (answer === null) return { kind: 'ask' };
  const read = answer.kind === 'error' ? answer : taxesOrError(fees, answer);
  if (read.kind === 'tax') return read;
  // A draft is asked about again whenever it is made anew.
  return { kind: 'fail', error: read, retryAt: status === 'draft' ? null : retryAfter(read.message, now) };
}

function taxesOrError(
  fees: readonly SentFee[],
  answer: Extract<ProviderAnswer, { readonly kind: 'taxes' }>,
): Extract<ProviderStep, { readonly kind: 'tax' }> | ProviderError {
  try {
    return { kind: 'tax', taxes: taxesByProvider(fees, answer.fees) };
  } catch (error) {
    if (!(error instanceof ProviderAnswerUnusable)) throw error;
    return { kind: 'error', code: 'unusable_answer', message: error.message };
  }
}

const retryAfter = (message: string, failedAt: Date): Date | null =>
  NO_ROOM.test(message) ? new Date(failedAt.getTime() + NO_ROOM_WAIT_MS) : null;
