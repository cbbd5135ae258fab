import { freeText, isoDate, type ExportColumn } from './column.ts';

/** Where the cells of items are from: `listed` has their credit note's id. */
export const CREDIT_NOTE_ITEM_SOURCE = `
  join credit_notes note on note.organization_id = part.organization_id and note.id = listed.id
  join invoices invoice on invoice.organization_id = part.organization_id and invoice.id = note.invoice_id
  join credit_note_items item on item.organization_id = part.organization_id and item.credit_note_id = note.id`;

/** The columns of an export of credit note items in their order (spec, api 5.3). */
export const CREDIT_NOTE_ITEM_COLUMNS: readonly ExportColumn[] = [
  { name: 'credit_note_lago_id', cell: 'note.id' },
  { name: 'credit_note_number', cell: freeText('note.number') },
  { name: 'credit_note_invoice_number', cell: freeText('invoice.number') },
  { name: 'credit_note_issuing_date', cell: isoDate('note.issuing_date') },
  { name: 'credit_note_item_lago_id', cell: 'item.id' },
  { name: 'credit_note_item_fee_lago_id', cell: 'item.fee_id' },
  { name: 'credit_note_item_currency', cell: 'item.amount_currency' },
  { name: 'credit_note_item_amount_cents', cell: 'item.amount_cents' },
];
