import type { EntityManager } from '@mikro-orm/postgresql';
import type { ResourceType } from '../../billing/data-exports/data-export.ts';
import { billingEntityIdsOf } from '../../db/queries/organizations/billing-entities.ts';
import { creditNoteFilterOf } from '../credit-notes/list-credit-notes.ts';
import { creditNoteFilters } from '../credit-notes/list-query.ts';
import { invoiceFilterOf } from '../invoices/list-invoices.ts';
import { invoiceFilters } from '../invoices/list-query.ts';
import { readFilters } from './read-filters.ts';

type Filters = Readonly<Record<string, unknown>>;

async function ofInvoices(em: EntityManager, filters: Filters): Promise<object> {
  const asked = readFilters(invoiceFilters, filters);
  return invoiceFilterOf(asked, await billingEntityIdsOf(em, asked.billing_entity_codes));
}

async function ofCreditNotes(em: EntityManager, filters: Filters): Promise<object> {
  const asked = readFilters(creditNoteFilters, filters);
  return creditNoteFilterOf(asked, await billingEntityIdsOf(em, asked.billing_entity_codes));
}

/** The list that each resource follows. */
const LISTS: Readonly<Record<ResourceType, typeof ofInvoices>> = {
  invoices: ofInvoices,
  invoice_fees: ofInvoices,
  credit_notes: ofCreditNotes,
  credit_note_items: ofCreditNotes,
};

/**
 * What the filters of an export mean to the list of its resource, which has the one definition of them (spec, api 5.1).
 *
 * @throws Refusal 422 on `filters.<name>`; 404 `billing_entity_not_found`, as the list itself.
 */
export const listFilterOf = (em: EntityManager, resourceType: ResourceType, filters: Filters): Promise<object> =>
  LISTS[resourceType](em, filters);
