import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/**
 * Written in the transaction that bills a period: whoever inserts the row bills it, everybody else finds it (spec,
 * subscriptions-and-invoices 13.3).
 */
export const BillingClaim = defineEntity({
  name: 'BillingClaim',
  tableName: 'billing_claims',
  properties: {
    subscriptionId: p.uuid().primary(),
    /** `YYYY-MM-DD`: the first day of the period in the customer's calendar. */
    periodKey: p.text().primary(),
    organizationId: p.uuid(),
    invoiceId: p.uuid(),
    createdAt: p.datetime(3),
  },
});
export type BillingClaim = InferEntity<typeof BillingClaim>;
