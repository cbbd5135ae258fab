import { VISIBLE_STATUSES } from '../../billing/invoices/invoice-status.ts';
import { Invoice } from '../../db/entities/invoice.ts';
import { invoicePage, type InvoiceFilter } from '../../db/queries/invoices/invoice-page.ts';
import { billingEntityIdsOf } from '../../db/queries/organizations/billing-entities.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { InvoicesQuery } from './list-query.ts';
import { listedInvoices } from '../../shapes/invoices/load-invoices.ts';

const filterOf = (query: InvoicesQuery): InvoiceFilter => ({
  statuses: query.statuses ?? query.status ?? VISIBLE_STATUSES,
  externalCustomerId: query.external_customer_id ?? query.customer_external_id ?? null,
  searchTerm: query.search_term?.trim() ?? null,
  paymentStatuses: query.payment_statuses ?? query.payment_status ?? null,
  invoiceType: query.invoice_type ?? null,
  currency: query.currency ?? null,
  issuedFrom: query.issuing_date_from ?? null,
  issuedTo: query.issuing_date_to ?? null,
  amountFrom: query.amount_from ?? null,
  amountTo: query.amount_to ?? null,
  paymentOverdue: query.payment_overdue ?? null,
  partiallyPaid: query.partially_paid ?? null,
  paymentDisputeLost: query.payment_dispute_lost ?? null,
  selfBilled: query.self_billed ?? null,
  settlements: query.settlements ?? null,
  purchaseOrderNumber: query.purchase_order_number ?? null,
  metadata: query.metadata ?? null,
});

/**
 * A page of invoices, issued last first (spec, subscriptions-and-invoices 6.4).
 *
 * @param customerId only this customer's, whatever the query says of customers.
 * @throws Refusal 404 `billing_entity_not_found`.
 */
export async function listInvoices({ em, organization }: RequestContext, query: InvoicesQuery, customerId?: string) {
  const page = pageOf(query);
  const filter: InvoiceFilter = {
    ...filterOf(query),
    ...(customerId !== undefined && { customerId, externalCustomerId: null }),
    billingEntityIds: (await billingEntityIdsOf(em, query.billing_entity_codes)) ?? null,
  };
  const { ids, total } = await invoicePage(em, organization.id, filter, page);
  const found = await em.find(Invoice, { id: [...ids] });
  const byId = new Map(found.map((invoice) => [invoice.id, invoice]));
  const invoices = ids.flatMap((id) => byId.get(id) ?? []);
  return { invoices: await listedInvoices(em, invoices), meta: metaOf(page, total) };
}
