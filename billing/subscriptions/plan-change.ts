import { yearlyAmount, type Interval } from '../calendar/interval.ts';

/** How one plan follows another. */
export type PlanChange = 'upgrade' | 'downgrade';

/** What two plans are compared by. */
export interface PlanPrice {
  readonly interval: Interval;
  readonly amountCents: bigint;
}

/**
 * Whether the next plan costs at least as much a year as the current one (spec, subscriptions-and-invoices 1.8, 3.2).
 *
 * From 10.00 a month to 120.00 a year: an upgrade, as both are 12000 cents a year; to 119.00 a year: a downgrade.
 */
export const planChange = (current: PlanPrice, next: PlanPrice): PlanChange =>
  yearly(next) >= yearly(current) ? 'upgrade' : 'downgrade';

const yearly = ({ amountCents, interval }: PlanPrice): bigint => yearlyAmount(amountCents, interval);
