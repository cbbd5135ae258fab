import { flag, freeText, isoDate, type ExportColumn } from './column.ts';

/** Where the cells of credit notes are from: `listed` has a note's id. The issuer is its invoice's. */
export const CREDIT_NOTE_SOURCE = `
  join credit_notes note on note.organization_id = part.organization_id and note.id = listed.id
  join invoices invoice on invoice.organization_id = part.organization_id and invoice.id = note.invoice_id
  join customers customer on customer.organization_id = part.organization_id and customer.id = note.customer_id
  join billing_entities entity
    on entity.organization_id = part.organization_id and entity.id = invoice.billing_entity_id`;

/** The columns of an export of credit notes in their order (spec, api 5.3). */
export const CREDIT_NOTE_COLUMNS: readonly ExportColumn[] = [
  { name: 'lago_id', cell: 'note.id' },
  { name: 'sequential_id', cell: 'note.sequential_id' },
  { name: 'partner_billing', cell: flag('invoice.self_billed') },
  { name: 'issuing_date', cell: isoDate('note.issuing_date') },
  { name: 'customer_lago_id', cell: 'customer.id' },
  { name: 'customer_external_id', cell: freeText('customer.external_id') },
  { name: 'customer_name', cell: freeText('customer.name') },
  { name: 'customer_email', cell: freeText('customer.email') },
  { name: 'customer_country', cell: freeText('customer.country') },
  { name: 'customer_tax_identification_number', cell: freeText('customer.tax_identification_number') },
  { name: 'number', cell: freeText('note.number') },
  { name: 'invoice_number', cell: freeText('invoice.number') },
  { name: 'purchase_order_number', cell: freeText('invoice.purchase_order_number') },
  { name: 'credit_status', cell: 'note.credit_status' },
  { name: 'refund_status', cell: 'note.refund_status' },
  { name: 'reason', cell: 'note.reason' },
  { name: 'description', cell: freeText('note.description') },
  { name: 'currency', cell: 'note.currency' },
  { name: 'total_amount_cents', cell: 'note.total_amount_cents' },
  { name: 'taxes_amount_cents', cell: 'note.taxes_amount_cents' },
  { name: 'sub_total_excluding_taxes_amount_cents', cell: 'note.sub_total_excluding_taxes_amount_cents' },
  { name: 'coupons_adjustment_amount_cents', cell: 'note.coupons_adjustment_amount_cents' },
  { name: 'offset_amount_cents', cell: 'note.offset_amount_cents' },
  { name: 'credit_amount_cents', cell: 'note.credit_amount_cents' },
  { name: 'balance_amount_cents', cell: 'note.balance_amount_cents' },
  { name: 'refund_amount_cents', cell: 'note.refund_amount_cents' },
  // There are no documents yet.
  { name: 'file_url', cell: 'null' },
];
