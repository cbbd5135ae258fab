import type { EntityManager } from '@mikro-orm/postgresql';
import type { CouponUse } from '../../../billing/coupons/coupon-use.ts';
import { HOLDS_CUSTOMER } from '../../customer-lock.ts';
import { sql } from '../../sql.ts';

/**
 * Writes what becomes of a customer's coupons that an invoice has used, in one statement however many they are. A
 * coupon that was deleted meanwhile stays terminated.
 *
 * @param now the organization's clock.
 * @throws Error `no_lock_acquired` unless the transaction holds the customer's lock: somebody else could use the same
 * remainder (S062).
 */
export async function useCoupons(
  em: EntityManager,
  { organizationId, customerId }: { readonly organizationId: string; readonly customerId: string },
  uses: readonly CouponUse[],
  now: Date,
): Promise<void> {
  const changed = uses.filter(({ isChanged }) => isChanged);
  const [row] = await sql<{ held: boolean }>(
    em,
    `with held as materialized (select ${HOLDS_CUSTOMER('$1')} as held),
     written as (
       update applied_coupons set
         frequency_duration_remaining = used.remaining,
         status = case when used.is_terminated then 'terminated' else applied_coupons.status end,
         terminated_at = case when used.is_terminated then coalesce(terminated_at, $6::timestamptz)
                              else terminated_at end,
         updated_at = $6::timestamptz
       from unnest($3::uuid[], $4::int[], $5::boolean[]) as used (id, remaining, is_terminated), held
       where applied_coupons.id = used.id and applied_coupons.organization_id = $2
         and applied_coupons.customer_id = $1::uuid and held.held)
     select held from held`,
    [
      customerId,
      organizationId,
      changed.map(({ appliedCouponId }) => appliedCouponId),
      changed.map(({ after }) => after.frequencyDurationRemaining),
      changed.map(({ after }) => after.isTerminated),
      now.toISOString(),
    ],
  );
  if (row?.held !== true) throw new Error(`no_lock_acquired: the lock of customer ${customerId} is not held`);
}
