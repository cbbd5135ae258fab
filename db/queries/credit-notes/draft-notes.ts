import type { EntityManager } from '@mikro-orm/postgresql';
import { CreditNoteAppliedTax } from '../../entities/credit-notes/credit-note-applied-tax.ts';
import { CreditNoteItem } from '../../entities/credit-notes/credit-note-item.ts';
import { sql } from '../../sql.ts';
import { rowsAsJson } from '../rows-as-json.ts';
import type { NoteRows } from './write-notes.ts';

/** Puts other items and taxes on draft notes, in one statement. */
export async function replaceNoteLines(
  em: EntityManager,
  organizationId: string,
  creditNoteIds: readonly string[],
  lines: readonly Pick<NoteRows, 'items' | 'taxes'>[],
): Promise<void> {
  const [item, tax] = [rowsAsJson(em, CreditNoteItem), rowsAsJson(em, CreditNoteAppliedTax)];
  await sql(
    em,
    `with items as (delete from credit_note_items where organization_id = $1 and credit_note_id = any($2::uuid[])),
     taxes as (
       delete from credit_note_applied_taxes where organization_id = $1 and credit_note_id = any($2::uuid[])),
     planted as (
       insert into credit_note_items (${item.columns}) select ${item.columns} from ${item.from('$3')} row)
     insert into credit_note_applied_taxes (${tax.columns}) select ${tax.columns} from ${tax.from('$4')} row`,
    [
      organizationId,
      creditNoteIds,
      item.parameter(lines.flatMap(({ items }) => items)),
      tax.parameter(lines.flatMap(({ taxes }) => taxes)),
    ],
  );
}

/** Deletes the draft notes of an invoice with everything on them; of those with these ids only, if there are any. */
export async function deleteDraftNotes(
  em: EntityManager,
  organizationId: string,
  invoiceId: string,
  among: readonly string[] | null = null,
): Promise<void> {
  await sql(
    em,
    `with gone as materialized (
       select id from credit_notes
       where organization_id = $1 and invoice_id = $2 and status = 'draft' and ($3::uuid[] is null or id = any($3))),
     items as (delete from credit_note_items where credit_note_id in (select id from gone)),
     taxes as (delete from credit_note_applied_taxes where credit_note_id in (select id from gone))
     delete from credit_notes where id in (select id from gone)`,
    [organizationId, invoiceId, among],
  );
}
