import { z } from 'zod';
import { CREDIT_NOTE_REASONS, CREDIT_STATUSES, REFUND_STATUSES } from '../../billing/credit-notes/credit-note.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { CREDIT_NOTE_TYPES } from '../../db/lists/credit-notes.ts';
import {
  centsFilter,
  dateFilter,
  flagFilter,
  knownFilter,
  listFilter,
  someOfFilter,
  textFilter,
} from '../http/filters.ts';
import { pageQuery } from '../http/pagination.ts';

const bound = { description: 'Inclusive.', examples: ['2026-01-31'] };
const cents = { description: 'Cents of the total, inclusive.', examples: ['1000'] };

/** Filters of lists and exports of credit notes (spec, api 2.6). */
export const creditNoteFilters = z.object({
  external_customer_id: textFilter(),
  search_term: textFilter().meta({
    description: "Part of the number, the customer's name, external id or e-mail; or the id.",
  }),
  reason: someOfFilter(CREDIT_NOTE_REASONS),
  credit_status: someOfFilter(CREDIT_STATUSES),
  refund_status: someOfFilter(REFUND_STATUSES),
  types: someOfFilter(CREDIT_NOTE_TYPES).meta({ description: 'Notes that have any of these parts.' }),
  currency: knownFilter(isCurrency),
  amount_from: centsFilter().meta(cents),
  amount_to: centsFilter().meta(cents),
  invoice_number: textFilter(),
  issuing_date_from: dateFilter().meta(bound),
  issuing_date_to: dateFilter().meta(bound),
  purchase_order_number: textFilter().meta({ description: 'Of the invoice, without regard to case.' }),
  self_billed: flagFilter(),
  billing_entity_codes: listFilter(),
});
export type CreditNoteFilters = z.output<typeof creditNoteFilters>;

export const creditNotesQuery = z.object({ ...pageQuery, ...creditNoteFilters.shape });
export type CreditNotesQuery = z.output<typeof creditNotesQuery>;
