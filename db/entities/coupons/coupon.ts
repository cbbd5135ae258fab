import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { CouponExpiration, CouponFrequency, CouponType } from '../../../billing/coupons/coupon.ts';
import type { Currency } from '../../../billing/money/currency.ts';
import type { Decimal } from '../../../billing/money/decimal.ts';
import { DecimalType } from '../../types/decimal-type.ts';

/** What can be taken off invoices, and of whom it can be taken (spec, money 2.1). */
export const Coupon = defineEntity({
  name: 'Coupon',
  tableName: 'coupons',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    code: p.text(),
    name: p.text(),
    description: p.text().nullable(),
    couponType: p.text().$type<CouponType>(),
    amountCents: p.bigint('bigint').nullable(),
    amountCurrency: p.text().$type<Currency>().nullable(),
    /** Percent. */
    percentageRate: p.type(DecimalType).$type<Decimal>().nullable(),
    frequency: p.text().$type<CouponFrequency>(),
    /** Invoices. */
    frequencyDuration: p.integer().nullable(),
    reusable: p.boolean(),
    expiration: p.text().$type<CouponExpiration>(),
    expirationAt: p.datetime(3).nullable(),
    /** When it was noted that its time is over. */
    terminatedAt: p.datetime(3).nullable(),
    deletedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [{ name: 'coupons_tenant', properties: ['organizationId', 'id'] }],
  indexes: [
    {
      name: 'coupons_code',
      expression: 'create unique index coupons_code on coupons (organization_id, code) where deleted_at is null',
    },
    { name: 'coupons_newest', properties: ['organizationId', 'createdAt', 'id'] },
  ],
});
export type Coupon = InferEntity<typeof Coupon>;
