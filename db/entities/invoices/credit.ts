import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/** What something took off an invoice (spec, money 2.6). */
export const Credit = defineEntity({
  name: 'Credit',
  tableName: 'credits',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    invoiceId: p.uuid(),
    appliedCouponId: p.uuid(),
    amountCents: p.bigint('bigint'),
    amountCurrency: p.text(),
    beforeTaxes: p.boolean(),
    createdAt: p.datetime(3),
  },
  uniques: [{ name: 'credits_coupon_once', properties: ['invoiceId', 'appliedCouponId'] }],
  indexes: [{ name: 'credits_of_applied_coupon', properties: ['appliedCouponId', 'invoiceId'] }],
});
export type Credit = InferEntity<typeof Credit>;
