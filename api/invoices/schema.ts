import { z } from 'zod';
import { invoiceAppliedTaxSchema } from '../../shapes/taxes/applied-tax.ts';
import { customerSchema } from '../../shapes/customers/customer.ts';
import { creditSchema } from '../../shapes/invoices/credit.ts';
import { feeSchema } from '../fees/schema.ts';
import { metaSchema } from '../http/pagination.ts';
import { subscriptionSchema } from '../subscriptions/schema.ts';
import { VISIBLE_STATUSES } from '../../billing/invoices/invoice-status.ts';
import { INVOICE_TYPES, PAYMENT_STATUSES } from './list-query.ts';

const text = z.string().nullable();
const datetime = z.string().meta({ format: 'date-time' });
const date = z.string().meta({ format: 'date' });

/** What every answer shows of an invoice (spec, api 3.6). */
const invoiceFields = z.strictObject({
  lago_id: z.uuid(),
  billing_entity_code: z.string(),
  sequential_id: z.int().nullable(),
  number: z.string().meta({ examples: ['ORG-1-001-001'] }),
  purchase_order_number: text,
  issuing_date: date,
  payment_due_date: date,
  net_payment_term: z.int(),
  invoice_type: z.enum(INVOICE_TYPES),
  status: z.enum(VISIBLE_STATUSES),
  payment_status: z.enum(PAYMENT_STATUSES),
  payment_dispute_lost_at: datetime.nullable(),
  payment_overdue: z.boolean(),
  currency: z.string(),
  fees_amount_cents: z.int(),
  taxes_amount_cents: z.int(),
  progressive_billing_credit_amount_cents: z.int(),
  coupons_amount_cents: z.int(),
  credit_notes_amount_cents: z.int(),
  sub_total_excluding_taxes_amount_cents: z.int(),
  sub_total_including_taxes_amount_cents: z.int(),
  total_amount_cents: z.int(),
  total_due_amount_cents: z.int(),
  total_paid_amount_cents: z.int(),
  total_offsetted_credit_note_amount_cents: z.int(),
  prepaid_credit_amount_cents: z.int(),
  prepaid_granted_credit_amount_cents: z.int().nullable(),
  prepaid_purchased_credit_amount_cents: z.int().nullable(),
  file_url: text,
  xml_url: text,
  web_url: text,
  version_number: z.literal(4),
  self_billed: z.boolean(),
  created_at: datetime,
  updated_at: datetime,
  voided_at: datetime.nullable(),
});

const metadataSchema = z.strictObject({ lago_id: z.uuid(), key: z.string(), value: z.string(), created_at: datetime });

/** An invoice in a list. */
export const listedInvoiceSchema = invoiceFields
  .extend({
    customer: customerSchema.extend({ integration_customers: z.array(z.unknown()) }),
    metadata: z.array(metadataSchema),
    applied_taxes: z.array(invoiceAppliedTaxSchema),
  })
  .meta({ id: 'ListedInvoice' });

const billingPeriodSchema = z
  .strictObject({
    lago_subscription_id: z.uuid(),
    external_subscription_id: z.string(),
    lago_plan_id: z.uuid(),
    subscription_from_datetime: datetime.nullable(),
    subscription_to_datetime: datetime.nullable(),
    charges_from_datetime: datetime.nullable(),
    charges_to_datetime: datetime.nullable(),
    fixed_charges_from_datetime: datetime.nullable(),
    fixed_charges_to_datetime: datetime.nullable(),
    invoicing_reason: z.string().meta({ examples: ['subscription_periodic'] }),
  })
  .meta({ id: 'BillingPeriod' });

const errorDetailSchema = z
  .strictObject({ lago_id: z.uuid(), error_code: z.string(), details: z.record(z.string(), z.unknown()) })
  .meta({ id: 'InvoiceErrorDetail' });

/** An invoice with everything on it. */
export const invoiceSchema = listedInvoiceSchema
  .extend({
    billing_periods: z.array(billingPeriodSchema),
    subscriptions: z.array(subscriptionSchema),
    fees: z.array(feeSchema),
    credits: z.array(creditSchema),
    error_details: z.array(errorDetailSchema),
    applied_invoice_custom_sections: z.array(z.unknown()),
  })
  .meta({ id: 'Invoice' });
export type InvoiceJson = z.infer<typeof invoiceSchema>;

export const invoiceAnswer = z.strictObject({ invoice: invoiceSchema });

/** Only the answer that closes an invoice without fees shows it as `closed`. */
export const finalizedInvoiceAnswer = z.strictObject({
  invoice: invoiceSchema.extend({ status: z.enum([...VISIBLE_STATUSES, 'closed']) }).meta({ id: 'FinalizedInvoice' }),
});
export type FinalizedInvoiceJson = z.infer<typeof finalizedInvoiceAnswer>['invoice'];

export const invoiceListAnswer = z.strictObject({ invoices: z.array(listedInvoiceSchema), meta: metaSchema });
