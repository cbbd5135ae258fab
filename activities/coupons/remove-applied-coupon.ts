import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../billing/refusal.ts';
import { AppliedCoupon } from '../../db/entities/coupons/applied-coupon.ts';
import { findById } from '../../db/queries/find-by-id.ts';
import type { CommandScope } from '../command-scope.ts';
import { holdCustomer } from '../customers/hold-customer.ts';

/**
 * Takes a coupon away from a customer, in the caller's transaction and under the customer's lock. One that is
 * terminated already stays as it is (spec, money 2.2).
 *
 * @throws Refusal 404 `customer_not_found`, `applied_coupon_not_found`; 422 `lock_acquisition_failed`.
 */
export async function removeAppliedCoupon(
  em: EntityManager,
  { now }: CommandScope,
  externalCustomerId: string,
  appliedCouponId: string,
): Promise<AppliedCoupon> {
  const customer = await holdCustomer(em, externalCustomerId);
  if (!customer) throw notFound('customer');
  const applied = await findById(em, AppliedCoupon, appliedCouponId);
  if (applied?.customerId !== customer.id) throw notFound('applied_coupon');
  if (applied.status === 'active') {
    em.assign(applied, { status: 'terminated', terminatedAt: now, updatedAt: now });
    await em.flush();
  }
  return applied;
}
