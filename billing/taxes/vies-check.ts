import { codeOfValidNumber, codeWithoutVies, type EuTaxFacts } from './resolve-eu-tax.ts';
import { parseVatNumber } from './vat-number.ts';
import type { InvalidNumber, ValidNumber, ViesAnswer, ViesError } from './vies-answer.ts';
import { viesWait } from './vies-waits.ts';

/** A check that waits for its answer. */
export interface PendingCheck {
  readonly taxIdentificationNumber: string;
  /** Failed tries so far. */
  readonly attempts: number;
  /** null: at once. */
  readonly nextAttemptAt: Date | null;
  /** What VIES said last and nobody has acted upon; null: it has not been asked. */
  readonly answer: ViesAnswer | null;
}

/** What is to be done about a check next. */
export type ViesStep =
  /** VIES is asked. */
  | { readonly kind: 'ask' }
  /** Its next try is a later one. */
  | { readonly kind: 'wait'; readonly until: Date }
  /** A try has failed. */
  | { readonly kind: 'retry'; readonly error: ViesError; readonly attempts: number; readonly until: Date }
  /** Nobody wants to know any more. */
  | { readonly kind: 'end' }
  /** It is answered: that is the customer's tax. */
  | { readonly kind: 'apply'; readonly code: string; readonly answer: ValidNumber | InvalidNumber };

/**
 * What becomes of a check at a moment (spec, money 1.7, the asynchronous check).
 *
 * A first try that failed at 10:00: tried again at 10:05. A badly formed number is not asked for, it is answered at
 * once.
 *
 * @param facts of the customer as it is now.
 * @param now the organization's clock.
 */
export function viesStep(check: PendingCheck, facts: EuTaxFacts, now: Date): ViesStep {
  const { answer, attempts, nextAttemptAt } = check;
  if (parseVatNumber(check.taxIdentificationNumber) === null)
    return applied({ kind: 'invalid', validFormat: false }, facts);
  if (answer === null) {
    return nextAttemptAt !== null && nextAttemptAt > now ? { kind: 'wait', until: nextAttemptAt } : { kind: 'ask' };
  }
  if (answer.kind !== 'error') return applied(answer, facts);
  const tries = attempts + 1;
  return { kind: 'retry', error: answer, attempts: tries, until: new Date(now.getTime() + viesWait(tries)) };
}

const applied = (answer: ValidNumber | InvalidNumber, facts: EuTaxFacts): ViesStep => ({
  kind: 'apply',
  code: answer.kind === 'valid' ? codeOfValidNumber(answer.countryCode, facts) : codeWithoutVies(facts),
  answer,
});
