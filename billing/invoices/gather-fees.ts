import { ZERO, type Decimal } from '../money/decimal.ts';
import type { InvoiceAppliedTax, Tax } from '../taxes/tax.ts';
import { dateSettings, invoiceDates } from './invoice-dates.ts';
import type { InvoiceFacts } from './invoice-facts.ts';
import type { CalculatedInvoice, InvoicedSubscription } from './invoice.ts';
import { invoiceTotals, NO_CREDITS } from './totals.ts';

/** A fee without invoice that was paid. */
export interface PaidFee {
  readonly id: string;
  readonly subscriptionId: string;
  readonly amountCents: bigint;
  readonly taxesAmountCents: bigint;
  /** Each with its part of the fee's taxes. */
  readonly appliedTaxes: readonly (Tax & { readonly amountCents: bigint })[];
}

/** What the invoice says besides its fees: as the one that was billed beside it. */
export type Gathering = Pick<
  InvoiceFacts,
  'currency' | 'timeZone' | 'billingInstant' | 'day' | 'customer' | 'billingEntity' | 'subscriptions'
>;

/**
 * The invoice that gathers paid fees: the sums of what the fees and their taxes are, nothing is calculated again, and
 * it is paid (spec, usage 6.7; subscriptions-and-invoices 10).
 *
 * Fees of 20.08, 19.08 and 18.07 with 4.02, 3.82 and 3.61 of taxes: 57.23 and 11.45.
 */
export function gatherFees(facts: Gathering, fees: readonly PaidFee[]): CalculatedInvoice {
  const settings = dateSettings(facts.customer, facts.billingEntity);
  const taxesAmountCents = fees.reduce((sum, fee) => sum + fee.taxesAmountCents, 0n);
  const totals = invoiceTotals(fees, { ...NO_CREDITS, taxesAmountCents });
  const appliedTaxes = summedTaxes(fees);
  return {
    invoiceType: 'advance_charges',
    currency: facts.currency,
    timezone: facts.timeZone,
    ...invoiceDates({ day: facts.day, recurring: false, hasGracePeriod: false }, settings),
    netPaymentTerm: settings.netPaymentTerm,
    appliedGracePeriod: 0,
    status: 'finalized',
    paymentStatus: 'succeeded',
    paidAmountCents: totals.totalAmountCents,
    taxStatus: 'succeeded',
    appliedTaxes,
    taxesRate: averageRate(appliedTaxes, totals.feesAmountCents),
    subscriptions: [...new Set(fees.map(({ subscriptionId }) => subscriptionId))].map((subscriptionId) => ({
      subscriptionId,
      timestamp: facts.billingInstant,
      recurring: false,
      invoicingReason: 'in_advance_charge_periodic',
      ...windowsOf(facts),
    })),
    fees: [],
    couponUses: [],
    noteUses: [],
    effects: [
      { kind: 'gathered fees', feeIds: fees.map(({ id }) => id) },
      { kind: 'webhooks', types: ['invoice.created'] },
    ],
    ...totals,
  };
}

/** All of its subscriptions have the usage window of the one that began last. */
function windowsOf({
  subscriptions,
}: Pick<Gathering, 'subscriptions'>): Omit<
  InvoicedSubscription,
  'subscriptionId' | 'timestamp' | 'recurring' | 'invoicingReason'
> {
  const startOf = ({ terms }: Gathering['subscriptions'][number]): number => terms.startedAt?.getTime() ?? -Infinity;
  const [latest] = subscriptions.toSorted((one, other) => startOf(other) - startOf(one));
  const from = latest?.windows.chargesFrom ?? latest?.windows.from ?? null;
  const to = latest?.windows.chargesTo ?? latest?.windows.to ?? null;
  return {
    fromDatetime: from,
    toDatetime: to,
    chargesFromDatetime: from,
    chargesToDatetime: to,
    fixedChargesFromDatetime: null,
    fixedChargesToDatetime: null,
  };
}

/** Each tax of the fees, in the order of their codes. */
function summedTaxes(fees: readonly PaidFee[]): readonly InvoiceAppliedTax[] {
  const taxed = fees.flatMap(({ amountCents: feesAmountCents, appliedTaxes }) =>
    appliedTaxes.map((tax) => ({ ...tax, feesAmountCents })),
  );
  const same = Map.groupBy(taxed, ({ taxId, code, rate }) => JSON.stringify([taxId, code, rate.toFixed()]));
  return [...same.values()]
    .map((all) => ({
      ...all[0]!,
      amountCents: all.reduce((sum, { amountCents }) => sum + amountCents, 0n),
      feesAmountCents: all.reduce((sum, { feesAmountCents }) => sum + feesAmountCents, 0n),
    }))
    .toSorted((one, other) => (one.code < other.code ? -1 : 1));
}

/** Percent: of fees that are not all taxed alike, what they are taxed with on average. */
function averageRate(taxes: readonly InvoiceAppliedTax[], feesAmountCents: bigint): Decimal {
  if (feesAmountCents === 0n) return ZERO;
  const weighted = taxes.reduce((sum, { rate, feesAmountCents: base }) => sum.plus(rate.times(base.toString())), ZERO);
  return weighted.div(feesAmountCents.toString());
}
