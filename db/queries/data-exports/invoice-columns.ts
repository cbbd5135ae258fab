import { flag, freeText, isoDate, isoInstant, type ExportColumn } from './column.ts';

/** Where the cells of invoices are from: `listed` has an invoice's id. */
export const INVOICE_SOURCE = `
  join invoices invoice on invoice.organization_id = part.organization_id and invoice.id = listed.id
  join customers customer on customer.organization_id = part.organization_id and customer.id = invoice.customer_id
  join billing_entities entity
    on entity.organization_id = part.organization_id and entity.id = invoice.billing_entity_id`;

/** As `dueOf` of billing/credit-notes/invoice-amounts.ts. */
const DUE_CENTS = `case when invoice.status = 'voided' then 0 else invoice.total_amount_cents
  - invoice.total_paid_amount_cents - invoice.total_offset_amount_cents end`;

/** The columns of an export of invoices in their order (spec, api 5.3; S073). */
export const INVOICE_COLUMNS: readonly ExportColumn[] = [
  { name: 'lago_id', cell: 'invoice.id' },
  { name: 'sequential_id', cell: 'invoice.sequential_id' },
  { name: 'partner_billing', cell: flag('invoice.self_billed') },
  { name: 'issuing_date', cell: isoDate('invoice.issuing_date') },
  { name: 'customer_lago_id', cell: 'customer.id' },
  { name: 'customer_external_id', cell: freeText('customer.external_id') },
  { name: 'customer_name', cell: freeText('customer.name') },
  { name: 'customer_email', cell: freeText('customer.email') },
  { name: 'customer_country', cell: freeText('customer.country') },
  { name: 'customer_tax_identification_number', cell: freeText('customer.tax_identification_number') },
  { name: 'invoice_number', cell: freeText('invoice.number') },
  { name: 'purchase_order_number', cell: freeText('invoice.purchase_order_number') },
  { name: 'invoice_type', cell: 'invoice.invoice_type' },
  { name: 'payment_status', cell: 'invoice.payment_status' },
  { name: 'status', cell: 'invoice.status' },
  // There are no documents yet.
  { name: 'file_url', cell: 'null' },
  { name: 'currency', cell: 'invoice.currency' },
  { name: 'fees_amount_cents', cell: 'invoice.fees_amount_cents' },
  { name: 'coupons_amount_cents', cell: 'invoice.coupons_amount_cents' },
  { name: 'taxes_amount_cents', cell: 'invoice.taxes_amount_cents' },
  { name: 'credit_notes_amount_cents', cell: 'invoice.credit_notes_amount_cents' },
  { name: 'prepaid_credit_amount_cents', cell: 'invoice.prepaid_credit_amount_cents' },
  { name: 'total_amount_cents', cell: 'invoice.total_amount_cents' },
  { name: 'payment_due_date', cell: isoDate('invoice.payment_due_date') },
  { name: 'payment_dispute_lost_at', cell: isoInstant('invoice.payment_dispute_lost_at') },
  { name: 'payment_overdue', cell: flag('invoice.payment_overdue') },
  { name: 'total_due_amount_cents', cell: DUE_CENTS },
  { name: 'total_paid_amount_cents', cell: 'invoice.total_paid_amount_cents' },
  { name: 'total_offsetted_credit_note_amount_cents', cell: 'invoice.total_offset_amount_cents' },
];

/** Where the organization has progressive billing. */
export const PROGRESSIVE_BILLING_COLUMN: ExportColumn = {
  name: 'progressive_billing_credit_amount_cents',
  cell: 'invoice.progressive_billing_credit_amount_cents',
};

/** Where the organization has more than one billing entity. */
export const BILLING_ENTITY_COLUMN: ExportColumn = { name: 'billing_entity_code', cell: freeText('entity.code') };
