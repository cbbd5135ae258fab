import type { EntityManager } from '@mikro-orm/postgresql';
import type { Compilable } from 'kysely';
import type { ResourceType } from '../../../billing/data-exports/data-export.ts';
import { creditNoteList, type CreditNoteFilter } from '../../lists/credit-notes.ts';
import { invoiceList, type InvoiceFilter } from '../../lists/invoices.ts';
import { readFilter } from '../../lists/kept-filter.ts';
import { sql } from '../../sql.ts';
import type { ExportColumn } from './column.ts';
import { CREDIT_NOTE_COLUMNS, CREDIT_NOTE_SOURCE } from './credit-note-columns.ts';
import { CREDIT_NOTE_ITEM_COLUMNS, CREDIT_NOTE_ITEM_SOURCE } from './credit-note-item-columns.ts';
import { FEE_COLUMNS, FEE_SOURCE } from './fee-columns.ts';
import {
  BILLING_ENTITY_COLUMN,
  INVOICE_COLUMNS,
  INVOICE_SOURCE,
  PROGRESSIVE_BILLING_COLUMN,
} from './invoice-columns.ts';

/** What a resource type is made of. */
export interface ExportedResource {
  /** The ids of the list that it follows, in the list's order. */
  readonly ids: (em: EntityManager, filter: Readonly<Record<string, unknown>>) => Compilable;
  /** Every column that there may be, in order. */
  readonly columns: readonly ExportColumn[];
  /** Joins `part.organization_id` and `listed.id`. */
  readonly source: string;
  /** The order of several lines of one object; empty: it has one. */
  readonly lineOrder: string;
}

const invoiceIds: ExportedResource['ids'] = (em, filter) =>
  invoiceList.statement(em, readFilter(filter) as unknown as InvoiceFilter).select('invoices.id');

const creditNoteIds: ExportedResource['ids'] = (em, filter) =>
  creditNoteList.statement(em, readFilter(filter) as unknown as CreditNoteFilter).select('credit_notes.id');

export const EXPORTED_RESOURCES: Readonly<Record<ResourceType, ExportedResource>> = {
  invoices: {
    ids: invoiceIds,
    columns: [...INVOICE_COLUMNS, PROGRESSIVE_BILLING_COLUMN, BILLING_ENTITY_COLUMN],
    source: INVOICE_SOURCE,
    lineOrder: '',
  },
  invoice_fees: { ids: invoiceIds, columns: FEE_COLUMNS, source: FEE_SOURCE, lineOrder: 'fee.id' },
  credit_notes: {
    ids: creditNoteIds,
    columns: [...CREDIT_NOTE_COLUMNS, BILLING_ENTITY_COLUMN],
    source: CREDIT_NOTE_SOURCE,
    lineOrder: '',
  },
  credit_note_items: {
    ids: creditNoteIds,
    columns: CREDIT_NOTE_ITEM_COLUMNS,
    source: CREDIT_NOTE_ITEM_SOURCE,
    lineOrder: 'item.id',
  },
};

/** The names of the columns that an organization's export has now; some are only there where they say something. */
export async function columnNamesFor(
  em: EntityManager,
  organizationId: string,
  resourceType: ResourceType,
): Promise<string[]> {
  const [has] = await sql<{ progressiveBilling: boolean; manyEntities: boolean }>(
    em,
    `select premium_integrations @> '["progressive_billing"]'::jsonb as "progressiveBilling",
       (select count(*) > 1 from billing_entities where organization_id = $1) as "manyEntities"
     from organizations where id = $1`,
    [organizationId],
  );
  const left = [
    ...(has?.progressiveBilling ? [] : [PROGRESSIVE_BILLING_COLUMN]),
    ...(has?.manyEntities ? [] : [BILLING_ENTITY_COLUMN]),
  ];
  return EXPORTED_RESOURCES[resourceType].columns.filter((column) => !left.includes(column)).map(({ name }) => name);
}
