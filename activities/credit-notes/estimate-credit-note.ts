import type { EntityManager } from '@mikro-orm/postgresql';
import { estimateNote, type AskedItem, type NoteEstimate } from '../../billing/credit-notes/draw-note.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import { findInvoice } from '../../db/queries/invoices/find-invoice.ts';
import { loadCreditedInvoice } from './load-credited-invoice.ts';

export interface EstimateCreditNote {
  readonly invoiceId: string;
  readonly items: readonly AskedItem[];
}

/** An estimate and the invoice that it is of. */
export interface EstimatedCreditNote {
  readonly invoice: Invoice;
  readonly estimate: NoteEstimate;
}

/**
 * What a credit note of these items would be (spec, money 3.9). Nothing is written.
 *
 * @throws Refusal 404 `invoice_not_found`, `fee_not_found`; 405 `invalid_type_or_status`; 422 `amount_cents`.
 */
export async function estimateCreditNote(
  em: EntityManager,
  { invoiceId, items }: EstimateCreditNote,
): Promise<EstimatedCreditNote> {
  const invoice = await findInvoice(em, invoiceId);
  return { invoice, estimate: estimateNote(await loadCreditedInvoice(em, invoice), items) };
}
