import { z } from 'zod';
import { APPLIED_COUPON_STATUSES } from '../../billing/coupons/applied-coupon.ts';
import { appliedCouponSchema, listedAppliedCouponSchema } from '../../shapes/coupons/applied-coupon.ts';
import { couponValue } from '../coupons/schema.ts';
import { listFilter, oneOfFilter, textFilter } from '../http/filters.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { requiredText } from '../http/validation.ts';

export const applyCouponSchema = z
  .object({
    external_customer_id: requiredText().meta({ examples: ['acme'] }),
    coupon_code: requiredText().meta({ examples: ['startup_deal'] }),
    ...couponValue,
  })
  .meta({
    id: 'AppliedCouponInput',
    description: 'What is not given is as the coupon says; later changes of the coupon do not reach it.',
  });

export type ApplyCouponInput = z.output<typeof applyCouponSchema>;

const ownFilters = {
  ...pageQuery,
  status: oneOfFilter(APPLIED_COUPON_STATUSES),
  coupon_code: listFilter(),
};

/** Filters of all customers' coupons (spec, api 2.6). */
export const appliedCouponsQuery = z.object({ ...ownFilters, external_customer_id: textFilter() });

/** Filters of one customer's. */
export const customerCouponsQuery = z.object(ownFilters);

export type CustomerCouponsQuery = z.output<typeof customerCouponsQuery>;

export const appliedCouponAnswer = z.strictObject({ applied_coupon: appliedCouponSchema });
export const appliedCouponListAnswer = z.strictObject({
  applied_coupons: z.array(listedAppliedCouponSchema),
  meta: metaSchema,
});
