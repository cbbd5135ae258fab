import { Decimal } from '../money/decimal.ts';
import type { PlainDate } from './local-date.ts';
import { periodLength } from './period.ts';
import type { PeriodRule } from './period.ts';

/**
 * The price of one day in unrounded cents: the plan's amount over the whole length of the period that contains a local
 * date, the first day of the fee window unless the rule names another (spec, subscriptions-and-invoices 3.7).
 */
export function dayPrice(amountCents: bigint, date: PlainDate, rule: PeriodRule): Decimal {
  return new Decimal(amountCents.toString()).div(periodLength(date, rule));
}
