import type { Interval } from '../calendar/interval.ts';
import type { Currency } from '../money/currency.ts';
import type { Decimal } from '../money/decimal.ts';

/** What a plan says by itself, without its charges (spec, subscriptions-and-invoices 1.2). */
export interface PlanTerms {
  readonly name: string;
  readonly invoiceDisplayName: string | null;
  /** Subscriptions name it. */
  readonly code: string;
  readonly description: string | null;
  readonly interval: Interval;
  /** Of one period. */
  readonly amountCents: bigint;
  readonly amountCurrency: Currency;
  /** Days. */
  readonly trialPeriod: Decimal | null;
  readonly payInAdvance: boolean;
  /** Null where the interval knows no such thing. */
  readonly billChargesMonthly: boolean | null;
  readonly billFixedChargesMonthly: boolean | null;
  readonly metadata: Readonly<Record<string, string | null>> | null;
}

/** Terms that an update names; the others stay. */
export type PlanTermsChange = Partial<PlanTerms>;

/** What decides a plan's periods and their currency, and the code by which it was sold. */
const LOCKED_TERMS: ReadonlySet<string> = new Set<keyof PlanTerms>([
  'code',
  'interval',
  'amountCurrency',
  'trialPeriod',
  'payInAdvance',
  'billChargesMonthly',
  'billFixedChargesMonthly',
]);

/**
 * The terms of a new plan: as asked for, with the monthly flags of its interval. A yearly plan without
 * `billChargesMonthly` has `false`, a monthly one `null`, whatever was asked for.
 */
export const newPlanTerms = (asked: PlanTerms): PlanTerms => ({ ...asked, ...monthlyFlags(asked) });

/**
 * What an update changes of a plan. Once a subscription was attached to it, whatever decides periods and currency is
 * ignored without an error (spec, subscriptions-and-invoices 1.4): of `{ name: 'Scale', interval: 'weekly' }` the name
 * remains. Before that, the two monthly flags follow from what the same request says, also where it names neither of
 * them nor the interval.
 *
 * @param isLocked whether the plan, or an override of it, has or had subscriptions.
 */
export function changedPlanTerms(
  asked: PlanTermsChange,
  { isLocked }: { readonly isLocked: boolean },
): PlanTermsChange {
  if (!isLocked) return { ...asked, ...monthlyFlags(asked) };
  return Object.fromEntries(Object.entries(asked).filter(([term]) => !LOCKED_TERMS.has(term)));
}

/** Only yearly and semiannual plans can bill usage each month (spec, subscriptions-and-invoices 1.2). */
function monthlyFlags({
  interval,
  billChargesMonthly,
  billFixedChargesMonthly,
}: PlanTermsChange): Pick<PlanTerms, 'billChargesMonthly' | 'billFixedChargesMonthly'> {
  const isLong = interval === 'yearly' || interval === 'semiannual';
  return {
    billChargesMonthly: isLong ? (billChargesMonthly ?? false) : null,
    billFixedChargesMonthly: isLong ? (billFixedChargesMonthly ?? false) : null,
  };
}
