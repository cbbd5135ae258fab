import type { InvoiceStep } from '../invoices/invoice-steps.ts';
import { finalStatus } from '../invoices/invoice-status.ts';
import { invoiceTotals, type InvoiceCredits } from '../invoices/totals.ts';
import type { Decimal } from '../money/decimal.ts';
import { taxesOfFee, type FeeTaxes, type TaxableFee } from './fee-taxes.ts';
import { taxesOfInvoice, type TaxedFee } from './invoice-taxes.ts';
import type { InvoiceAppliedTax } from './tax.ts';
import { taxesOfSource, type InvoiceTaxFacts, type TaxedSource } from './tax-facts.ts';

/**
 * The step of an invoice's taxes: each fee gets those that apply to it, the invoice their sum (spec, money 1.3 to 1.5).
 * While an answer is awaited that decides on them nothing is taxed and no later step is taken; an invoice without fees,
 * or that nobody wants, awaits nothing (spec, subscriptions-and-invoices 6.7).
 *
 * Two fees of 6833 cents whose customer has a tax of 20 %: fee taxes of 1367 each, invoice taxes of 2733.
 */
export const applyTaxes: InvoiceStep = {
  takes: ({ taxes }) => taxes === 'computed',
  onDrafts: true,
  step: (invoice, { taxes, customer, billingEntity }) => {
    const { feesAmountCents } = invoiceTotals(invoice.fees, invoice.credits);
    const isWanted = finalStatus(feesAmountCents, customer, billingEntity) === 'finalized';
    if (taxes.awaitedFrom !== null && isWanted && invoice.fees.length > 0) return { ...invoice, awaits: 'taxes' };
    return { ...invoice, ...withTaxes(taxedFees(invoice.fees, taxes), invoice.credits) };
  },
};

/** Fees with the taxes that apply to them. */
export const taxedFees = <Fee extends TaxableFee & { readonly source: TaxedSource }>(
  fees: readonly Fee[],
  facts: InvoiceTaxFacts,
): readonly (Fee & FeeTaxes)[] => fees.map((fee) => ({ ...fee, ...taxesOfFee(fee, taxesOfSource(fee.source, facts)) }));

/** What an invoice is made of once its fees have their taxes. */
export interface Taxed<Fee extends TaxedFee> {
  readonly fees: readonly Fee[];
  readonly credits: InvoiceCredits;
  readonly appliedTaxes: readonly InvoiceAppliedTax[];
  /** Percent. */
  readonly taxesRate: Decimal;
}

/** An invoice's own taxes, beside fees that have theirs. */
export function withTaxes<Fee extends TaxedFee>(fees: readonly Fee[], credits: InvoiceCredits): Taxed<Fee> {
  const { subTotalExcludingTaxesAmountCents } = invoiceTotals(fees, credits);
  const { appliedTaxes, taxesAmountCents, taxesRate } = taxesOfInvoice(fees, subTotalExcludingTaxesAmountCents);
  return { fees, credits: { ...credits, taxesAmountCents }, appliedTaxes, taxesRate };
}
