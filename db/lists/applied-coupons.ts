import type { AppliedCouponStatus } from '../../billing/coupons/applied-coupon.ts';
import { anyOf, customersKnownAs, given } from './conditions.ts';
import { list, type Conditions } from './list.ts';

/** What a list of customers' coupons asks for; what it leaves out is open (spec, api 2.6). */
export interface AppliedCouponFilter {
  readonly customerId?: string | undefined;
  readonly externalCustomerId?: string | undefined;
  readonly status?: AppliedCouponStatus | undefined;
  readonly couponCodes?: readonly string[] | undefined;
}

/** Customers' coupons, the newest first. */
export const appliedCouponList = list({
  table: 'applied_coupons',
  order: [
    ['createdAt', 'desc'],
    ['id', 'desc'],
  ],
  conditions: (filter: AppliedCouponFilter, { eb, selectFrom }: Conditions<'applied_coupons'>) => [
    given(filter.customerId, (id) => eb('applied_coupons.customerId', '=', id)),
    given(filter.externalCustomerId, (id) => eb('applied_coupons.customerId', 'in', customersKnownAs(selectFrom, id))),
    given(filter.status, (status) => eb('applied_coupons.status', '=', status)),
    given(filter.couponCodes, (codes) =>
      eb(
        'applied_coupons.couponId',
        'in',
        selectFrom('coupons').select('coupons.id').where('coupons.code', '=', anyOf(codes)),
      ),
    ),
  ],
});
