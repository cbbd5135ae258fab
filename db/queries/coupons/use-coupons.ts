import type { EntityManager } from '@mikro-orm/postgresql';
import type { CouponUse } from '../../../billing/coupons/coupon-use.ts';
import { HOLDS_CUSTOMER } from '../../customer-lock.ts';
import { sql } from '../../sql.ts';

/** What an invoice has used of its customer's coupons. */
export interface UsedCoupons {
  readonly customerId: string;
  readonly uses: readonly CouponUse[];
}

/**
 * Writes what becomes of customers' coupons that their invoices have used, in one statement however many they are. A
 * coupon that was deleted meanwhile stays terminated; the rows are taken in the order of their ids
 * (`terminate-applied-coupons.ts`).
 *
 * @param now the organization's clock.
 * @throws Error `no_lock_acquired` unless the transaction holds the customers' locks: somebody else could use the same
 * remainder (S062).
 */
export async function useCoupons(
  em: EntityManager,
  organizationId: string,
  used: readonly UsedCoupons[],
  now: Date,
): Promise<void> {
  const changed = used.flatMap(({ customerId, uses }) =>
    uses.filter(({ isChanged }) => isChanged).map((use) => ({ ...use, customerId })),
  );
  const unheld = await sql<{ customerId: string }>(
    em,
    `with customer as materialized (
       select id, ${HOLDS_CUSTOMER('asked.id')} as held from unnest($1::uuid[]) as asked (id)),
     held as materialized (
       select applied_coupons.id
       from unnest($3::uuid[], $4::uuid[]) as used (customer_id, id)
         join customer on customer.id = used.customer_id
         join applied_coupons on applied_coupons.id = used.id and applied_coupons.customer_id = used.customer_id
       where applied_coupons.organization_id = $2 and customer.held
       order by applied_coupons.id for no key update of applied_coupons),
     written as (
       update applied_coupons set
         frequency_duration_remaining = used.remaining,
         status = case when used.is_terminated then 'terminated' else applied_coupons.status end,
         terminated_at = case when used.is_terminated then coalesce(terminated_at, $7::timestamptz)
                              else terminated_at end,
         updated_at = $7::timestamptz
       from unnest($4::uuid[], $5::int[], $6::boolean[]) as used (id, remaining, is_terminated)
         join held on held.id = used.id
       where applied_coupons.id = used.id and applied_coupons.organization_id = $2)
     select id as "customerId" from customer where not held`,
    [
      [...new Set(used.map(({ customerId }) => customerId))],
      organizationId,
      changed.map(({ customerId }) => customerId),
      changed.map(({ appliedCouponId }) => appliedCouponId),
      changed.map(({ after }) => after.frequencyDurationRemaining),
      changed.map(({ after }) => after.isTerminated),
      now.toISOString(),
    ],
  );
  if (unheld[0]) throw new Error(`no_lock_acquired: the lock of customer ${unheld[0].customerId} is not held`);
}
