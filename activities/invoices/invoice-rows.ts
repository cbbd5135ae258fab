import type { BilledWindow, FeeSource, InvoiceFee } from '../../billing/fees/fee.ts';
import type { CalculatedInvoice, InvoicedSubscription } from '../../billing/invoices/invoice.ts';

/** The columns of an invoice's row that its calculation decides, each by name: nothing else of it is a column. */
export const invoiceColumns = (calculated: CalculatedInvoice) => ({
  invoiceType: calculated.invoiceType,
  status: calculated.status,
  paymentStatus: calculated.paymentStatus,
  currency: calculated.currency,
  timezone: calculated.timezone,
  issuingDate: calculated.issuingDate.toString(),
  paymentDueDate: calculated.paymentDueDate.toString(),
  expectedFinalizationDate: calculated.expectedFinalizationDate.toString(),
  netPaymentTerm: calculated.netPaymentTerm,
  appliedGracePeriod: calculated.appliedGracePeriod,
  feesAmountCents: calculated.feesAmountCents,
  progressiveBillingCreditAmountCents: calculated.progressiveBillingCreditAmountCents,
  couponsAmountCents: calculated.couponsAmountCents,
  subTotalExcludingTaxesAmountCents: calculated.subTotalExcludingTaxesAmountCents,
  taxesAmountCents: calculated.taxesAmountCents,
  subTotalIncludingTaxesAmountCents: calculated.subTotalIncludingTaxesAmountCents,
  creditNotesAmountCents: calculated.creditNotesAmountCents,
  prepaidCreditAmountCents: calculated.prepaidCreditAmountCents,
  totalAmountCents: calculated.totalAmountCents,
});

/** The columns of a fee's row that its calculation decides. */
export const feeColumns = (fee: InvoiceFee) => ({
  ...sourceColumns(fee.source),
  invoiceDisplayName: fee.invoiceDisplayName,
  units: fee.units,
  amountCents: fee.amountCents,
  preciseAmountCents: fee.preciseAmountCents,
  unitAmountCents: fee.unitAmountCents,
  preciseUnitAmount: fee.preciseUnitAmount,
  amountDetails: fee.amountDetails,
  preciseCouponsAmountCents: fee.preciseCouponsAmountCents,
  taxesAmountCents: fee.taxesAmountCents,
  taxesPreciseAmountCents: fee.taxesPreciseAmountCents,
  taxesRate: fee.taxesRate,
});

/** The columns of an invoiced subscription's row. */
export const invoicedSubscriptionColumns = (invoiced: InvoicedSubscription) => ({
  subscriptionId: invoiced.subscriptionId,
  timestamp: invoiced.timestamp,
  recurring: invoiced.recurring,
  invoicingReason: invoiced.invoicingReason,
  fromDatetime: invoiced.fromDatetime,
  toDatetime: invoiced.toDatetime,
  chargesFromDatetime: invoiced.chargesFromDatetime,
  chargesToDatetime: invoiced.chargesToDatetime,
  fixedChargesFromDatetime: invoiced.fixedChargesFromDatetime,
  fixedChargesToDatetime: invoiced.fixedChargesToDatetime,
});

/** What a row says of what its fee is for. */
function sourceColumns(source: FeeSource) {
  switch (source.kind) {
    case 'subscription':
      return {
        feeType: source.kind,
        ...windowColumns(source),
        chargeId: null,
        chargeFilterId: null,
        groupedBy: {},
        totalAggregatedUnits: null,
        eventsCount: null,
      };
    case 'charge':
      return {
        feeType: source.kind,
        ...windowColumns(source),
        chargeId: source.chargeId,
        chargeFilterId: source.chargeFilterId,
        groupedBy: source.groupedBy,
        totalAggregatedUnits: source.totalAggregatedUnits,
        eventsCount: source.eventsCount,
      };
    default:
      return source satisfies never;
  }
}

const windowColumns = ({ subscriptionId, fromDatetime, toDatetime }: BilledWindow) => ({
  subscriptionId,
  fromDatetime,
  toDatetime,
});
