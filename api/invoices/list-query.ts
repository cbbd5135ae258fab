import { z } from 'zod';
import { VISIBLE_STATUSES } from '../../billing/invoices/invoice-status.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import {
  centsFilter,
  dateFilter,
  flagFilter,
  knownFilter,
  listFilter,
  metadataFilter,
  someOfFilter,
  textFilter,
} from '../http/filters.ts';
import { pageQuery } from '../http/pagination.ts';

export const PAYMENT_STATUSES = ['pending', 'succeeded', 'failed'] as const;

export const INVOICE_TYPES = [
  'subscription',
  'add_on',
  'credit',
  'one_off',
  'advance_charges',
  'progressive_billing',
] as const;

const bound = { description: 'Inclusive.', examples: ['2026-01-31'] };
const cents = { description: 'Cents of the total, inclusive.', examples: ['1000'] };

/** Filters of lists and exports of invoices (spec, api 2.6.1). */
export const invoiceFilters = z.object({
  external_customer_id: textFilter(),
  customer_external_id: textFilter().meta({ deprecated: true, description: 'Older name of `external_customer_id`.' }),
  search_term: textFilter().meta({
    description: "Part of the number, the customer's name, external id or e-mail; or the id.",
  }),
  status: someOfFilter(VISIBLE_STATUSES),
  statuses: someOfFilter(VISIBLE_STATUSES),
  payment_status: someOfFilter(PAYMENT_STATUSES),
  payment_statuses: someOfFilter(PAYMENT_STATUSES),
  invoice_type: someOfFilter(INVOICE_TYPES),
  currency: knownFilter(isCurrency),
  issuing_date_from: dateFilter().meta(bound),
  issuing_date_to: dateFilter().meta(bound),
  amount_from: centsFilter().meta(cents),
  amount_to: centsFilter().meta(cents),
  payment_overdue: flagFilter(),
  partially_paid: flagFilter(),
  payment_dispute_lost: flagFilter(),
  self_billed: flagFilter(),
  settlements: someOfFilter(['payment', 'credit_note']),
  purchase_order_number: textFilter().meta({ description: 'Without regard to case.' }),
  metadata: metadataFilter().meta({
    description: '`metadata[key]=value`; an empty value asks for invoices without the key.',
  }),
  billing_entity_codes: listFilter(),
});
export type InvoiceFilters = z.output<typeof invoiceFilters>;

export const invoicesQuery = z.object({ ...pageQuery, ...invoiceFilters.shape });
export type InvoicesQuery = z.output<typeof invoicesQuery>;
