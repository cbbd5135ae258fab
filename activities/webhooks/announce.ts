import type { EntityManager } from '@mikro-orm/postgresql';
import { CreditNote } from '../../db/entities/credit-notes/credit-note.ts';
import { Fee } from '../../db/entities/invoices/fee.ts';
import { Invoice } from '../../db/entities/invoices/invoice.ts';
import { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { readerOf } from '../../db/queries/joined-rows.ts';
import { shownCreditNotes } from '../../shapes/credit-notes/load-credit-notes.ts';
import { detailedFees } from '../../shapes/invoices/detailed-fees.ts';
import { detailedInvoices } from '../../shapes/invoices/load-invoices.ts';
import { detailedSubscription } from '../../shapes/subscriptions/load-subscriptions.ts';
import type { WebhookType } from '../../shapes/webhooks/webhook-types.ts';
import { emitWebhooks, type WebhookOrigin } from './emit-webhooks.ts';

type TypeOf<Object extends string> = Extract<WebhookType, `${Object}.${string}`>;

/**
 * Tells the organization's endpoints what has become of a subscription, in the transaction that changes it (spec,
 * subscriptions-and-invoices 2.12). Changes must be flushed.
 *
 * @param now the organization's clock.
 */
export const announceSubscription = (
  em: EntityManager,
  { id, organizationId }: Subscription,
  now: Date,
  types: readonly TypeOf<'subscription'>[],
): Promise<void> =>
  emitWebhooks(em, { organizationId, now }, types, async () => {
    // As the transaction has written them, not as the caller's objects remember them.
    const rows = em.fork({ clear: true, keepTransactionContext: true });
    const object = await detailedSubscription(rows, await rows.findOneOrFail(Subscription, { id }), now);
    return types.map((type) => ({ type, objectId: id, object }));
  });

/**
 * The same of fees of charges in advance, of one organization: `fee.created` (spec, usage 6.5, 6.6). Only the fees may
 * have been written in this transaction.
 */
export const announceFees = (
  em: EntityManager,
  origin: WebhookOrigin,
  which: { readonly id: string[] } | { readonly invoiceId: string[] },
): Promise<void> =>
  emitWebhooks(em, origin, ['fee.created'], async () => {
    const rows = readerOf(em);
    const fees = await rows.find(Fee, which, { orderBy: { id: 'asc' } });
    const objects = await detailedFees(rows, fees, origin.now);
    return fees.map(({ id }, index) => ({ type: 'fee.created' as const, objectId: id, object: objects[index]! }));
  });

/** What is told of an invoice. */
export interface InvoiceNews {
  readonly id: string;
  readonly types: readonly TypeOf<'invoice'>[];
}

/**
 * The same of invoices of one organization, with everything on them, in as many statements as of one (spec,
 * subscriptions-and-invoices 14). Only the invoices and their lines may have changed in this transaction: they are read
 * again.
 */
export async function announceInvoices(
  em: EntityManager,
  origin: WebhookOrigin,
  news: readonly InvoiceNews[],
): Promise<void> {
  const types = [...new Set(news.flatMap((told) => told.types))];
  await emitWebhooks(em, origin, types, async () => {
    // The invoices and their lines as they were written; whom and what they are of as the billing has read it.
    const rows = readerOf(em);
    const ids = [...new Set(news.map(({ id }) => id))];
    const invoices = await rows.find(Invoice, { id: ids }, { refresh: true });
    const objects = await detailedInvoices(rows, invoices, origin.now);
    const objectOf = new Map(invoices.map(({ id }, index) => [id, objects[index]]));
    return news.flatMap(({ id, types: ofInvoice }) => {
      const object = objectOf.get(id);
      if (!object) throw new Error(`invoice ${id} cannot be shown`);
      return ofInvoice.map((type) => ({ type, objectId: id, object }));
    });
  });
}

/** What is told of a credit note. */
export interface CreditNoteNews {
  readonly id: string;
  readonly types: readonly TypeOf<'credit_note'>[];
}

/** The same of credit notes of one organization (spec, money 3.3). */
export async function announceCreditNotes(
  em: EntityManager,
  origin: WebhookOrigin,
  news: readonly CreditNoteNews[],
): Promise<void> {
  const types = [...new Set(news.flatMap((told) => told.types))];
  await emitWebhooks(em, origin, types, async () => {
    const rows = em.fork({ clear: true, keepTransactionContext: true });
    const notes = await rows.find(CreditNote, { id: news.map(({ id }) => id) });
    const objects = await shownCreditNotes(rows, notes, origin.now);
    const objectOf = new Map(objects.map((object) => [object.lago_id, object]));
    return news.flatMap(({ id, types: ofNote }) => {
      const object = objectOf.get(id);
      if (!object) throw new Error(`credit note ${id} cannot be shown`);
      return ofNote.map((type) => ({ type, objectId: id, object }));
    });
  });
}
