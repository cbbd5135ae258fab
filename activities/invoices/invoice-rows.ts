import { v7 } from 'uuid';
import type { PricingUnitAmounts } from '../../billing/charges/pricing-unit.ts';
import type { CouponUse } from '../../billing/coupons/coupon-use.ts';
import type { NoteUse } from '../../billing/credit-notes/use-notes.ts';
import type { FeeTaxes } from '../../billing/taxes/fee-taxes.ts';
import type { InvoiceAppliedTax } from '../../billing/taxes/tax.ts';
import type { BilledWindow, FeeSource, InvoiceFee, PricedEvent } from '../../billing/fees/fee.ts';
import type { Presentation } from '../../billing/usage/presentation.ts';
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
  taxesRate: calculated.taxesRate.toNumber(),
  taxStatus: calculated.taxStatus,
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
  preciseCreditNotesAmountCents: fee.preciseCreditNotesAmountCents,
  ...feeTaxColumns(fee),
});

/** Whose a fee is, and when it was made. */
export interface FeeOwner {
  readonly organizationId: string;
  readonly billingEntityId: string;
  readonly customerId: string;
  readonly amountCurrency: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The row of a new fee, complete but for its id and its place. */
export const feeRow = (fee: InvoiceFee, owner: FeeOwner) => ({
  ...feeColumns(fee),
  ...owner,
  trueUpParentFeeId: null,
  invoiceable: true,
  paymentStatus: 'pending' as const,
  succeededAt: null,
  failedAt: null,
  refundedAt: null,
  deletedAt: null,
});

/** The columns of a fee's row that its taxes decide. */
export const feeTaxColumns = (taxes: FeeTaxes) => ({
  taxesAmountCents: taxes.taxesAmountCents,
  taxesPreciseAmountCents: taxes.taxesPreciseAmountCents,
  taxesRate: taxes.taxesRate.toNumber(),
  taxesBaseRate: taxes.taxesBaseRate,
  appliedTaxes: taxes.appliedTaxes.map((tax) => ({
    id: v7(),
    taxId: tax.taxId,
    code: tax.code,
    name: tax.name,
    description: tax.description,
    rate: tax.rate.toFixed(),
    amountCents: tax.amountCents.toString(),
    preciseAmountCents: tax.preciseAmountCents.toFixed(),
  })),
});

/** The columns of a row for what a coupon took off an invoice. */
export const couponCreditColumns = ({ appliedCouponId, creditAmountCents }: CouponUse) => ({
  appliedCouponId,
  creditNoteId: null,
  amountCents: creditAmountCents,
  beforeTaxes: true,
});

/** The columns of a row for what a credit note paid of an invoice. */
export const noteCreditColumns = ({ creditNoteId, amountCents }: NoteUse) => ({
  appliedCouponId: null,
  creditNoteId,
  amountCents,
  beforeTaxes: false,
});

/** The columns of a row for a tax on an invoice. */
export const invoiceTaxColumns = (tax: InvoiceAppliedTax) => ({
  taxId: tax.taxId,
  taxCode: tax.code,
  taxName: tax.name,
  taxDescription: tax.description,
  taxRate: tax.rate,
  feesAmountCents: tax.feesAmountCents,
  amountCents: tax.amountCents,
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
        presentation: null,
        pricingUnit: null,
        addOnId: null,
        givenTaxIds: [],
        description: null,
        totalAggregatedUnits: null,
        eventsCount: null,
        ...eventColumns(null),
      };
    case 'charge':
      return {
        feeType: source.kind,
        ...windowColumns(source),
        chargeId: source.chargeId,
        chargeFilterId: source.chargeFilterId,
        groupedBy: source.groupedBy,
        pricingUnit: source.pricingUnit && pricingUnitColumn(source.pricingUnit),
        presentation: source.presentation && presentationColumn(source.presentation),
        addOnId: null,
        givenTaxIds: [],
        description: null,
        totalAggregatedUnits: source.totalAggregatedUnits,
        eventsCount: source.eventsCount,
        ...eventColumns(source.event ?? null),
      };
    case 'add_on':
      return {
        feeType: source.kind,
        subscriptionId: null,
        fromDatetime: source.fromDatetime,
        toDatetime: source.toDatetime,
        chargeId: null,
        chargeFilterId: null,
        groupedBy: {},
        presentation: null,
        pricingUnit: null,
        addOnId: source.addOnId,
        givenTaxIds: source.taxes.flatMap(({ taxId }) => taxId ?? []),
        description: source.description,
        totalAggregatedUnits: null,
        eventsCount: null,
        ...eventColumns(null),
      };
    default:
      return source satisfies never;
  }
}

const pricingUnitColumn = (unit: PricingUnitAmounts) => ({
  id: unit.id,
  code: unit.code,
  shortName: unit.shortName,
  conversionRate: unit.conversionRate.toFixed(),
  amountCents: unit.amountCents.toString(),
  preciseAmountCents: unit.preciseAmountCents.toFixed(),
  unitAmountCents: unit.unitAmountCents.toString(),
  preciseUnitAmount: unit.preciseUnitAmount.toFixed(),
});

const presentationColumn = ({ keysOnInvoice, parts }: Presentation) => ({
  keysOnInvoice: [...keysOnInvoice],
  parts: parts.map(({ by, units }) => ({ by, units: units.toFixed() })),
});

const eventColumns = (event: PricedEvent | null) => ({
  payInAdvance: event !== null,
  eventId: event?.id ?? null,
  eventTransactionId: event?.transactionId ?? null,
});

const windowColumns = ({ subscriptionId, fromDatetime, toDatetime }: BilledWindow) => ({
  subscriptionId,
  fromDatetime,
  toDatetime,
});
