import type { EntityManager } from '@mikro-orm/postgresql';
import type { AppliedCoupon } from '../../db/entities/coupons/applied-coupon.ts';
import { Coupon } from '../../db/entities/coupons/coupon.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import { creditsOfCoupons } from '../../db/queries/coupons/shown-credits.ts';
import { rowsById } from '../../db/queries/rows-by-id.ts';
import { creditJson } from '../invoices/credit.ts';
import { appliedCouponJson } from './applied-coupon.ts';

/** Customers' coupons with what they took off invoices last, in their order: three statements however many they are. */
export async function listedAppliedCoupons(
  em: EntityManager,
  organizationId: string,
  applied: readonly AppliedCoupon[],
): Promise<(ReturnType<typeof appliedCouponJson> & { readonly credits: ReturnType<typeof creditJson>[] })[]> {
  const coupons = await rowsById(
    em,
    Coupon,
    applied.map(({ couponId }) => couponId),
  );
  const customers = await rowsById(
    em,
    Customer,
    applied.map(({ customerId }) => customerId),
  );
  const credits = await creditsOfCoupons(
    em,
    organizationId,
    applied.map(({ id }) => id),
  );
  const creditsOf = Map.groupBy(credits, ({ appliedCouponId }) => appliedCouponId);
  return applied.map((one) => {
    const own = creditsOf.get(one.id) ?? [];
    return {
      ...appliedCouponJson(one, {
        coupon: coupons.get(one.couponId)!,
        customer: customers.get(one.customerId)!,
        usedAmountCents: own[0]?.usedAmountCents ?? 0n,
      }),
      credits: own.map(creditJson),
    };
  });
}

/** One of them, without its credits. */
export async function shownAppliedCoupon(
  em: EntityManager,
  applied: AppliedCoupon,
): Promise<ReturnType<typeof appliedCouponJson>> {
  const [listed] = await listedAppliedCoupons(em, applied.organizationId, [applied]);
  const { credits: _, ...json } = listed!;
  return json;
}
