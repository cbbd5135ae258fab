import type { EntityManager } from '@mikro-orm/postgresql';
import type { Invoice } from '../db/entities/invoice.ts';
import type { Subscription } from '../db/entities/subscription.ts';
import { detailedInvoices } from '../shapes/load-invoices.ts';
import { detailedSubscription } from '../shapes/load-subscriptions.ts';
import type { WebhookType } from '../shapes/webhook-types.ts';
import { emitWebhooks } from './emit-webhooks.ts';

type TypeOf<Object extends string> = Extract<WebhookType, `${Object}.${string}`>;

/**
 * Tells the organization's endpoints what has become of a subscription, in the transaction that changes it (spec,
 * subscriptions-and-invoices 2.12).
 *
 * @param now the organization's clock.
 */
export const announceSubscription = (
  em: EntityManager,
  subscription: Subscription,
  now: Date,
  types: readonly TypeOf<'subscription'>[],
): Promise<void> =>
  emitWebhooks(em, { organizationId: subscription.organizationId, now }, types, async () => {
    const object = await detailedSubscription(em, subscription, now);
    return types.map((type) => ({ type, objectId: subscription.id, object }));
  });

/** The same of an invoice, with everything on it (spec, subscriptions-and-invoices 14). */
export const announceInvoice = (
  em: EntityManager,
  invoice: Invoice,
  now: Date,
  types: readonly TypeOf<'invoice'>[],
): Promise<void> =>
  emitWebhooks(em, { organizationId: invoice.organizationId, now }, types, async () => {
    const [object] = await detailedInvoices(em, [invoice], now);
    if (!object) throw new Error(`invoice ${invoice.id} cannot be shown`);
    return types.map((type) => ({ type, objectId: invoice.id, object }));
  });
