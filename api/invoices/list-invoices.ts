import { VISIBLE_STATUSES } from '../../billing/invoices/invoice-status.ts';
import { invoiceList, type InvoiceFilter } from '../../db/lists/invoices.ts';
import { billingEntityIdsOf } from '../../db/queries/organizations/billing-entities.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { InvoiceFilters, InvoicesQuery } from './list-query.ts';
import { listedInvoices } from '../../shapes/invoices/load-invoices.ts';

export const invoiceFilterOf = (
  query: InvoiceFilters,
  billingEntityIds: readonly string[] | undefined,
): InvoiceFilter => ({
  statuses: query.statuses ?? query.status ?? VISIBLE_STATUSES,
  externalCustomerId: query.external_customer_id ?? query.customer_external_id,
  searchTerm: query.search_term?.trim(),
  paymentStatuses: query.payment_statuses ?? query.payment_status,
  invoiceTypes: query.invoice_type,
  currency: query.currency,
  issuedFrom: query.issuing_date_from,
  issuedTo: query.issuing_date_to,
  amountFrom: query.amount_from,
  amountTo: query.amount_to,
  paymentOverdue: query.payment_overdue,
  partiallyPaid: query.partially_paid,
  paymentDisputeLost: query.payment_dispute_lost,
  selfBilled: query.self_billed,
  settlements: query.settlements,
  purchaseOrderNumber: query.purchase_order_number,
  metadata: query.metadata,
  billingEntityIds,
});

/**
 * A page of invoices, issued last first (spec, subscriptions-and-invoices 6.4).
 *
 * @param customerId only this customer's, whatever the query says of customers.
 * @throws Refusal 404 `billing_entity_not_found`.
 */
export async function listInvoices({ em }: RequestContext, query: InvoicesQuery, customerId?: string) {
  const page = pageOf(query);
  const filter = invoiceFilterOf(query, await billingEntityIdsOf(em, query.billing_entity_codes));
  const ofCustomer = { ...filter, customerId, externalCustomerId: undefined };
  const { rows, total } = await invoiceList.page(em, customerId === undefined ? filter : ofCustomer, page);
  return { invoices: await listedInvoices(em, rows), meta: metaOf(page, total) };
}
