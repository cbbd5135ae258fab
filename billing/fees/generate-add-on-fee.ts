import { amountToPreciseCents, centsToAmount, roundToCents } from '../money/cents.ts';
import type { Currency } from '../money/currency.ts';
import { Decimal, PRECISE_DIGITS, roundHalfAwayFromZero } from '../money/decimal.ts';
import type { Tax } from '../taxes/tax.ts';
import type { GeneratedFee } from './fee.ts';

/** A line of a one-off invoice, as it is asked for. */
export interface AddOnFeeFacts {
  readonly addOnId: string;
  readonly unitAmountCents: bigint;
  readonly units: Decimal;
  readonly invoiceDisplayName: string;
  readonly description: string | null;
  /** Given for this one fee; none: those of the add-on apply, or of the customer (spec, money 1.3). */
  readonly taxes: readonly Tax[];
  readonly fromDatetime: Date;
  readonly toDatetime: Date;
}

/**
 * The fee of an add-on: its units at the price of one, rounded once (spec, subscriptions-and-invoices 9).
 *
 * 2.5 units at 1001 cents: 2503 cents, precisely 2502.5.
 */
export function generateAddOnFee(facts: AddOnFeeFacts, currency: Currency): GeneratedFee {
  const { addOnId, unitAmountCents, units, taxes, description, invoiceDisplayName, fromDatetime, toDatetime } = facts;
  const unitAmount = centsToAmount(unitAmountCents, currency);
  return {
    source: { kind: 'add_on', addOnId, taxes, description, fromDatetime, toDatetime },
    invoiceDisplayName,
    units,
    amountCents: roundToCents(new Decimal(unitAmountCents).times(units)),
    preciseAmountCents: amountToPreciseCents(unitAmount.times(units), currency),
    unitAmountCents,
    preciseUnitAmount: roundHalfAwayFromZero(unitAmount, PRECISE_DIGITS),
    amountDetails: {},
  };
}
