import type { CreditedFee, CreditedInvoice, EarlierNote } from '../../../billing/credit-notes/credited-invoice.ts';
import type { DrawnNote } from '../../../billing/credit-notes/draw-note.ts';
import { Decimal } from '../../../billing/money/decimal.ts';
import { taxesOfFee } from '../../../billing/taxes/fee-taxes.ts';
import { taxesOfInvoice } from '../../../billing/taxes/invoice-taxes.ts';
import type { Tax } from '../../../billing/taxes/tax.ts';

export interface ExampleFee {
  readonly cents: number;
  /** Its cents before they are rounded; the same when absent. */
  readonly precise?: Decimal;
  readonly coupons?: string;
  /** Percent. */
  readonly rates?: readonly (number | string)[];
  /** In the place of rates: what an external provider says. */
  readonly taxes?: readonly Tax[];
}

const tax = (rate: number | string, index: number): Tax => ({
  taxId: `tax ${index}: ${rate}`,
  code: `tax ${index}: ${rate}`,
  name: 'VAT',
  description: null,
  rate: new Decimal(rate),
});

/** A final invoice with its taxes as billing computes them; its fees are called `fee 0`, `fee 1` and so on. */
export function exampleInvoice(
  examples: readonly ExampleFee[],
  { coupons = 0, paid = 0 }: { readonly coupons?: number; readonly paid?: number } = {},
): CreditedInvoice {
  const fees = examples.map((example) => {
    const amounts = {
      amountCents: BigInt(example.cents),
      preciseAmountCents: example.precise ?? new Decimal(example.cents),
      preciseCouponsAmountCents: new Decimal(example.coupons ?? 0),
    };
    return { ...amounts, ...taxesOfFee(amounts, example.taxes ?? (example.rates ?? []).map(tax)) };
  });
  const whole = fees.reduce((sum, fee) => sum + fee.amountCents, 0n);
  const subTotalExcludingTaxesAmountCents = whole - BigInt(coupons);
  const { appliedTaxes, taxesAmountCents } = taxesOfInvoice(fees, subTotalExcludingTaxesAmountCents);
  const totalAmountCents = subTotalExcludingTaxesAmountCents + taxesAmountCents;
  return {
    invoiceType: 'subscription',
    status: 'finalized',
    paymentStatus: paid > 0 && BigInt(paid) >= totalAmountCents ? 'succeeded' : 'pending',
    couponsAmountCents: BigInt(coupons),
    progressiveBillingCreditAmountCents: 0n,
    subTotalExcludingTaxesAmountCents,
    taxesAmountCents,
    totalAmountCents,
    totalPaidAmountCents: BigInt(paid),
    fees: fees.map((fee, index): CreditedFee => ({
      ...fee,
      id: `fee ${index}`,
      taxes: fee.appliedTaxes,
      creditedCents: 0n,
    })),
    taxes: appliedTaxes,
    notes: [],
  };
}

/** The invoice as it is once a note of it is saved. */
export function afterNote(invoice: CreditedInvoice, note: DrawnNote): CreditedInvoice {
  const earlier: EarlierNote = note;
  return {
    ...invoice,
    fees: invoice.fees.map((fee) => ({
      ...fee,
      creditedCents: note.items
        .filter(({ feeId }) => feeId === fee.id)
        .reduce((sum, item) => sum + item.amountCents, fee.creditedCents),
    })),
    notes: [...invoice.notes, earlier],
  };
}
