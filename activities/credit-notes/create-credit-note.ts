import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import type { CreditNoteReason } from '../../billing/credit-notes/credit-note.ts';
import { drawNote, type AskedItem, type NoteParts } from '../../billing/credit-notes/draw-note.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import type { CommandScope } from '../command-scope.ts';
import { holdInvoice } from '../invoices/hold-invoice.ts';
import { loadCreditedInvoice } from './load-credited-invoice.ts';
import { saveCreditNote } from './save-credit-note.ts';

export interface CreateCreditNote extends NoteParts {
  readonly invoiceId: string;
  readonly items: readonly AskedItem[];
  readonly reason: CreditNoteReason;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string | null>> | null;
}

/**
 * Credits an invoice, in the caller's transaction and under the customer's lock (spec, money 3.3): of two at the same
 * time the second sees what the first has left.
 *
 * @returns the id of the note.
 * @throws Refusal 404 `invoice_not_found`, `fee_not_found`; 405 `invalid_type_or_status`; 422 as `drawNote`,
 * `lock_acquisition_failed`.
 */
export async function createCreditNote(
  em: EntityManager,
  scope: CommandScope,
  { invoiceId, items, creditCents, refundCents, offsetCents, ...said }: CreateCreditNote,
): Promise<string> {
  const invoice = await holdInvoice(em, invoiceId);
  const credited = await loadCreditedInvoice(em, invoice);
  const drawn = drawNote(credited, items, { creditCents, refundCents, offsetCents });
  const customer = await em.findOneOrFail(Customer, { id: invoice.customerId });
  const billingEntity = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
  const timeZone = applicableTimeZone(customer, billingEntity);
  return saveCreditNote(em, scope, { invoice, credited, drawn, timeZone, ...said, terminatedSubscriptionId: null });
}
