import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { InvoicingReason } from '../../../billing/invoices/invoicing-reason.ts';

/** The windows of one subscription on one invoice; `to`s are inclusive (spec, subscriptions-and-invoices 3). */
export const InvoiceSubscription = defineEntity({
  name: 'InvoiceSubscription',
  tableName: 'invoice_subscriptions',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    invoiceId: p.uuid(),
    subscriptionId: p.uuid(),
    /** The billing instant B. */
    timestamp: p.datetime(3),
    recurring: p.boolean(),
    invoicingReason: p.text().$type<InvoicingReason>(),
    fromDatetime: p.datetime(3).nullable(),
    toDatetime: p.datetime(3).nullable(),
    chargesFromDatetime: p.datetime(3).nullable(),
    chargesToDatetime: p.datetime(3).nullable(),
    fixedChargesFromDatetime: p.datetime(3).nullable(),
    fixedChargesToDatetime: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
  },
  uniques: [{ name: 'invoice_subscriptions_once', properties: ['invoiceId', 'subscriptionId'] }],
  indexes: [
    {
      name: 'invoice_subscriptions_charges_window',
      expression: `create unique index invoice_subscriptions_charges_window
         on invoice_subscriptions (subscription_id, charges_from_datetime, charges_to_datetime)
         where recurring`,
    },
    {
      name: 'invoice_subscriptions_starting',
      expression: `create unique index invoice_subscriptions_starting on invoice_subscriptions (subscription_id)
         where invoicing_reason = 'subscription_starting'`,
    },
    {
      name: 'invoice_subscriptions_terminating',
      expression: `create unique index invoice_subscriptions_terminating on invoice_subscriptions (subscription_id)
         where invoicing_reason = 'subscription_terminating'`,
    },
    { name: 'invoice_subscriptions_of_subscription', properties: ['organizationId', 'subscriptionId', 'timestamp'] },
  ],
});
export type InvoiceSubscription = InferEntity<typeof InvoiceSubscription>;
