import { creditNoteList, type CreditNoteFilter } from '../../db/lists/credit-notes.ts';
import { billingEntityIdsOf } from '../../db/queries/organizations/billing-entities.ts';
import { shownCreditNotes } from '../../shapes/credit-notes/load-credit-notes.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { CreditNoteFilters, CreditNotesQuery } from './list-query.ts';

export const creditNoteFilterOf = (
  query: CreditNoteFilters,
  billingEntityIds: readonly string[] | undefined,
): CreditNoteFilter => ({
  externalCustomerId: query.external_customer_id,
  searchTerm: query.search_term?.trim(),
  reasons: query.reason,
  creditStatuses: query.credit_status,
  refundStatuses: query.refund_status,
  types: query.types,
  currency: query.currency,
  amountFrom: query.amount_from,
  amountTo: query.amount_to,
  invoiceNumber: query.invoice_number,
  issuedFrom: query.issuing_date_from,
  issuedTo: query.issuing_date_to,
  purchaseOrderNumber: query.purchase_order_number,
  selfBilled: query.self_billed,
  billingEntityIds,
});

/**
 * A page of credit notes, newest first.
 *
 * @param customerId only this customer's, whatever the query says of customers.
 * @throws Refusal 404 `billing_entity_not_found`.
 */
export async function listCreditNotes({ em, now }: RequestContext, query: CreditNotesQuery, customerId?: string) {
  const page = pageOf(query);
  const filter = creditNoteFilterOf(query, await billingEntityIdsOf(em, query.billing_entity_codes));
  const ofCustomer = { ...filter, customerId, externalCustomerId: undefined };
  const { rows, total } = await creditNoteList.page(em, customerId === undefined ? filter : ofCustomer, page);
  return { credit_notes: await shownCreditNotes(em, rows, now), meta: metaOf(page, total) };
}
