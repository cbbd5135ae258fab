/** Every interval, shortest first. */
export const INTERVALS = ['weekly', 'monthly', 'quarterly', 'semiannual', 'yearly'] as const;

/** How long a plan's billing period is (spec, subscriptions-and-invoices 1.2). */
export type Interval = (typeof INTERVALS)[number];

const PERIODS_A_YEAR: Readonly<Record<Interval, bigint>> = {
  weekly: 52n,
  monthly: 12n,
  quarterly: 4n,
  semiannual: 2n,
  yearly: 1n,
};

/**
 * What a plan costs in a year, in cents. It only decides whether a change of plan is an upgrade (an equal amount is
 * one) or a downgrade; nothing is ever billed by it (spec, subscriptions-and-invoices 1.8).
 */
export function yearlyAmount(amountCents: bigint, interval: Interval): bigint {
  return amountCents * PERIODS_A_YEAR[interval];
}
