import { dueOf } from '../../billing/credit-notes/invoice-amounts.ts';
import { VISIBLE_STATUSES } from '../../billing/invoices/invoice-status.ts';
import { centsToNumber } from '../../billing/money/cents.ts';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import type { InvoiceAppliedTax } from '../../db/entities/invoices/invoice-applied-tax.ts';
import type { InvoiceError } from '../../db/entities/invoices/invoice-error.ts';
import type { InvoiceSubscription } from '../../db/entities/invoices/invoice-subscription.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import type { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { customerJson } from '../customers/customer.ts';
import { invoiceAppliedTaxJson } from '../taxes/applied-tax.ts';
import type { creditJson } from './credit.ts';
import type { feeJson } from './fee.ts';
import { datetime, datetimeWithMilliseconds } from '../formats.ts';
import type { Shown } from '../shown.ts';
import type { subscriptionJson } from '../subscriptions/subscription.ts';

/** The layout of the documents that the reference draws; clients read it, nothing depends on it (spec, api 3.6). */
const VERSION_NUMBER = 4 as const;

/** What an invoice shows of itself: a row, or a preview without an id. */
export type ShownInvoice<Id extends string | null = string> = Shown<
  Invoice,
  | 'couponsAmountCents'
  | 'createdAt'
  | 'creditNotesAmountCents'
  | 'currency'
  | 'feesAmountCents'
  | 'invoiceType'
  | 'issuingDate'
  | 'metadata'
  | 'netPaymentTerm'
  | 'number'
  | 'paymentDisputeLostAt'
  | 'paymentDueDate'
  | 'paymentOverdue'
  | 'paymentStatus'
  | 'prepaidCreditAmountCents'
  | 'progressiveBillingCreditAmountCents'
  | 'purchaseOrderNumber'
  | 'selfBilled'
  | 'sequentialId'
  | 'status'
  | 'subTotalExcludingTaxesAmountCents'
  | 'subTotalIncludingTaxesAmountCents'
  | 'taxesAmountCents'
  | 'totalAmountCents'
  | 'totalOffsetAmountCents'
  | 'totalPaidAmountCents'
  | 'updatedAt'
  | 'voidedAt',
  Id
>;

/** What an invoice's JSON is made of besides its own fields. */
export interface InvoiceRelations {
  readonly customer: Customer;
  /** The customer's. */
  readonly customerEntity: BillingEntity;
  /** The issuer. */
  readonly billingEntity: Pick<BillingEntity, 'code'>;
  readonly appliedTaxes: readonly InvoiceAppliedTax[];
}

/** @throws Error for an invoice that nobody may see. */
function visibleStatus({ id, status }: ShownInvoice<string | null>): (typeof VISIBLE_STATUSES)[number] {
  const visible = VISIBLE_STATUSES.find((known) => known === status);
  if (!visible) throw new Error(`invoice ${id} is ${status} and is not shown`);
  return visible;
}

/** The invoice itself, without anything on it (spec, subscriptions-and-invoices 6.4). */
export const invoiceFieldsJson = <Id extends string | null>(
  invoice: ShownInvoice<Id>,
  billingEntity: Pick<BillingEntity, 'code'>,
) => ({
  lago_id: invoice.id,
  billing_entity_code: billingEntity.code,
  sequential_id: invoice.sequentialId ?? null,
  number: invoice.number,
  purchase_order_number: invoice.purchaseOrderNumber ?? null,
  issuing_date: invoice.issuingDate,
  payment_due_date: invoice.paymentDueDate,
  net_payment_term: invoice.netPaymentTerm,
  invoice_type: invoice.invoiceType,
  status: visibleStatus(invoice),
  payment_status: invoice.paymentStatus,
  payment_dispute_lost_at: datetimeWithMilliseconds(invoice.paymentDisputeLostAt),
  payment_overdue: invoice.paymentOverdue,
  currency: invoice.currency,
  ...amounts(invoice),
  file_url: null,
  xml_url: null,
  web_url: null,
  version_number: VERSION_NUMBER as typeof VERSION_NUMBER,
  self_billed: invoice.selfBilled,
  created_at: datetime(invoice.createdAt),
  updated_at: datetime(invoice.updatedAt),
  voided_at: datetime(invoice.voidedAt),
});

function amounts(invoice: ShownInvoice<string | null>) {
  const dueCents = dueOf(invoice, invoice.totalOffsetAmountCents);
  return {
    fees_amount_cents: centsToNumber(invoice.feesAmountCents),
    taxes_amount_cents: centsToNumber(invoice.taxesAmountCents),
    progressive_billing_credit_amount_cents: centsToNumber(invoice.progressiveBillingCreditAmountCents),
    coupons_amount_cents: centsToNumber(invoice.couponsAmountCents),
    credit_notes_amount_cents: centsToNumber(invoice.creditNotesAmountCents),
    sub_total_excluding_taxes_amount_cents: centsToNumber(invoice.subTotalExcludingTaxesAmountCents),
    sub_total_including_taxes_amount_cents: centsToNumber(invoice.subTotalIncludingTaxesAmountCents),
    total_amount_cents: centsToNumber(invoice.totalAmountCents),
    total_due_amount_cents: centsToNumber(dueCents),
    total_paid_amount_cents: centsToNumber(invoice.totalPaidAmountCents),
    total_offsetted_credit_note_amount_cents: centsToNumber(invoice.totalOffsetAmountCents),
    prepaid_credit_amount_cents: centsToNumber(invoice.prepaidCreditAmountCents),
    // Unknown without wallets.
    prepaid_granted_credit_amount_cents: null,
    prepaid_purchased_credit_amount_cents: null,
  };
}

/** An invoice as lists show it. */
export const listedInvoiceJson = <Id extends string | null>(
  invoice: ShownInvoice<Id>,
  { customer, customerEntity, billingEntity, appliedTaxes }: InvoiceRelations,
) => ({
  ...invoiceFieldsJson(invoice, billingEntity),
  customer: { ...customerJson(customer, customerEntity), integration_customers: [] },
  metadata: invoice.metadata,
  applied_taxes: appliedTaxes.map(invoiceAppliedTaxJson),
});

/** What is on an invoice, each list in its order. */
export interface InvoiceContents<Id extends string | null = string> {
  readonly billing_periods: ReturnType<typeof billingPeriodJson<Id>>[];
  readonly subscriptions: ReturnType<typeof subscriptionJson<Id>>[];
  readonly fees: ReturnType<typeof feeJson<Id>>[];
  readonly credits: ReturnType<typeof creditJson>[];
  readonly error_details: ReturnType<typeof errorDetailJson>[];
}

/** An invoice alone, and in webhooks. */
export const invoiceJson = <Id extends string | null>(
  invoice: ShownInvoice<Id>,
  relations: InvoiceRelations,
  contents: InvoiceContents<Id>,
) => ({
  ...listedInvoiceJson(invoice, relations),
  ...contents,
  applied_invoice_custom_sections: [],
});

/**
 * The windows that an invoice bills of one subscription; the ends are inclusive (spec, subscriptions-and-invoices 3).
 */
export const billingPeriodJson = <Id extends string | null>(
  period: Pick<
    InvoiceSubscription,
    | 'chargesFromDatetime'
    | 'chargesToDatetime'
    | 'fixedChargesFromDatetime'
    | 'fixedChargesToDatetime'
    | 'fromDatetime'
    | 'invoicingReason'
    | 'toDatetime'
  > & { readonly subscriptionId: Id },
  subscription: Pick<Subscription, 'externalId' | 'planId'>,
) => ({
  lago_subscription_id: period.subscriptionId,
  external_subscription_id: subscription.externalId,
  lago_plan_id: subscription.planId,
  subscription_from_datetime: datetime(period.fromDatetime),
  subscription_to_datetime: datetime(period.toDatetime),
  charges_from_datetime: datetime(period.chargesFromDatetime),
  charges_to_datetime: datetime(period.chargesToDatetime),
  fixed_charges_from_datetime: datetime(period.fixedChargesFromDatetime),
  fixed_charges_to_datetime: datetime(period.fixedChargesToDatetime),
  invoicing_reason: period.invoicingReason,
});

/** Why an invoice failed. */
export const errorDetailJson = (error: Pick<InvoiceError, 'id' | 'errorCode' | 'details'>) => ({
  lago_id: error.id,
  error_code: error.errorCode,
  details: error.details,
});
