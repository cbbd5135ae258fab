/** What is added to or taken from the fees of an invoice, in cents, each 0 or more. */
export interface InvoiceCredits {
  readonly progressiveBillingCreditAmountCents: bigint;
  readonly couponsAmountCents: bigint;
  readonly taxesAmountCents: bigint;
  readonly creditNotesAmountCents: bigint;
  readonly prepaidCreditAmountCents: bigint;
}

/** Nothing but fees. */
export const NO_CREDITS: InvoiceCredits = {
  progressiveBillingCreditAmountCents: 0n,
  couponsAmountCents: 0n,
  taxesAmountCents: 0n,
  creditNotesAmountCents: 0n,
  prepaidCreditAmountCents: 0n,
};

/** The amounts of an invoice, in cents. */
export interface InvoiceTotals extends InvoiceCredits {
  readonly feesAmountCents: bigint;
  readonly subTotalExcludingTaxesAmountCents: bigint;
  readonly subTotalIncludingTaxesAmountCents: bigint;
  readonly totalAmountCents: bigint;
}

/**
 * Adds an invoice up in the order of the spec (subscriptions-and-invoices 6.7; money 0): the fees as they were rounded,
 * before taxes the progressive credit and coupons, after taxes the credit notes and prepaid credits.
 */
export function invoiceTotals(
  fees: readonly { readonly amountCents: bigint }[],
  credits: InvoiceCredits,
): InvoiceTotals {
  const feesAmountCents = fees.reduce((sum, fee) => sum + fee.amountCents, 0n);
  const subTotalExcludingTaxesAmountCents =
    feesAmountCents - credits.progressiveBillingCreditAmountCents - credits.couponsAmountCents;
  const subTotalIncludingTaxesAmountCents = subTotalExcludingTaxesAmountCents + credits.taxesAmountCents;
  const totalAmountCents =
    subTotalIncludingTaxesAmountCents - credits.creditNotesAmountCents - credits.prepaidCreditAmountCents;
  return {
    ...credits,
    feesAmountCents,
    subTotalExcludingTaxesAmountCents,
    subTotalIncludingTaxesAmountCents,
    totalAmountCents,
  };
}
