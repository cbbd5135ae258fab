import type { EntityManager } from '@mikro-orm/postgresql';
import { Invoice } from '../../db/entities/invoices/invoice.ts';
import { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { readerOf } from '../../db/queries/joined-rows.ts';
import { detailedInvoices } from '../../shapes/invoices/load-invoices.ts';
import { detailedSubscription } from '../../shapes/subscriptions/load-subscriptions.ts';
import type { WebhookType } from '../../shapes/webhooks/webhook-types.ts';
import { emitWebhooks } from './emit-webhooks.ts';

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
 * The same of an invoice, with everything on it (spec, subscriptions-and-invoices 14). Only the invoice and its lines
 * may have changed in this transaction: they are read again.
 */
export const announceInvoice = (
  em: EntityManager,
  { id, organizationId }: Invoice,
  now: Date,
  types: readonly TypeOf<'invoice'>[],
): Promise<void> =>
  emitWebhooks(em, { organizationId, now }, types, async () => {
    // The invoice and its lines as they were written; whom and what they are of as the billing has read it.
    const rows = readerOf(em);
    const invoice = await rows.findOneOrFail(Invoice, { id }, { refresh: true });
    const [object] = await detailedInvoices(rows, [invoice], now);
    if (!object) throw new Error(`invoice ${id} cannot be shown`);
    return types.map((type) => ({ type, objectId: id, object }));
  });
