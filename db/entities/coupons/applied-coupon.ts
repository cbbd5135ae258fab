import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { AppliedCouponStatus } from '../../../billing/coupons/applied-coupon.ts';
import type { CouponFrequency } from '../../../billing/coupons/coupon.ts';
import type { Currency } from '../../../billing/money/currency.ts';
import type { Decimal } from '../../../billing/money/decimal.ts';
import { DecimalType } from '../../types/decimal-type.ts';

/** A coupon that a customer has, with what it takes off frozen when it was applied (spec, money 2.2). */
export const AppliedCoupon = defineEntity({
  name: 'AppliedCoupon',
  tableName: 'applied_coupons',
  properties: {
    /** In the order in which they were applied, also at one moment of a test clock. */
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    customerId: p.uuid(),
    couponId: p.uuid(),
    status: p.text().$type<AppliedCouponStatus>(),
    amountCents: p.bigint('bigint').nullable(),
    amountCurrency: p.text().$type<Currency>().nullable(),
    percentageRate: p.type(DecimalType).$type<Decimal>().nullable(),
    frequency: p.text().$type<CouponFrequency>(),
    frequencyDuration: p.integer().nullable(),
    frequencyDurationRemaining: p.integer().nullable(),
    terminatedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [{ name: 'applied_coupons_tenant', properties: ['organizationId', 'id'] }],
  indexes: [
    {
      name: 'applied_coupons_active',
      expression: `create index applied_coupons_active on applied_coupons (customer_id) where status = 'active'`,
    },
    { name: 'applied_coupons_of_customer', properties: ['customerId', 'createdAt', 'id'] },
    { name: 'applied_coupons_of_coupon', properties: ['couponId', 'customerId'] },
    { name: 'applied_coupons_newest', properties: ['organizationId', 'createdAt', 'id'] },
  ],
});
export type AppliedCoupon = InferEntity<typeof AppliedCoupon>;
