import type { EntityManager } from '@mikro-orm/postgresql';
import { CreditNoteAppliedTax } from '../../entities/credit-notes/credit-note-applied-tax.ts';
import { CreditNoteItem } from '../../entities/credit-notes/credit-note-item.ts';
import { CreditNote } from '../../entities/credit-notes/credit-note.ts';
import type { RowOf } from '../../kysely.ts';
import { sql } from '../../sql.ts';
import { rowsAsJson } from '../rows-as-json.ts';

/** The rows of one credit note. */
export interface NoteRows {
  readonly note: RowOf<'credit_notes'>;
  readonly items: readonly RowOf<'credit_note_items'>[];
  readonly taxes: readonly RowOf<'credit_note_applied_taxes'>[];
}

/** Writes new credit notes with their items and taxes, in one statement however many they are. */
export async function writeNotes(em: EntityManager, notes: readonly NoteRows[]): Promise<void> {
  if (notes.length === 0) return;
  const [note, item, tax] = [
    rowsAsJson(em, CreditNote),
    rowsAsJson(em, CreditNoteItem),
    rowsAsJson(em, CreditNoteAppliedTax),
  ];
  await sql(
    em,
    `with made as (insert into credit_notes (${note.columns}) select ${note.columns} from ${note.from('$1')} row),
     items as (
       insert into credit_note_items (${item.columns}) select ${item.columns} from ${item.from('$2')} row)
     insert into credit_note_applied_taxes (${tax.columns}) select ${tax.columns} from ${tax.from('$3')} row`,
    [
      note.parameter(notes.map((rows) => rows.note)),
      item.parameter(notes.flatMap(({ items }) => items)),
      tax.parameter(notes.flatMap(({ taxes }) => taxes)),
    ],
  );
}
