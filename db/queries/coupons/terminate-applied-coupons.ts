import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/**
 * Terminates every customer's active use of a coupon, or all coupons of a customer, in one statement. Whoever deletes a
 * coupon holds no customer's lock: it takes the rows in the order of their ids, as `useCoupons` does, so that neither
 * waits for the other in a circle.
 *
 * @param now the organization's clock.
 */
export async function terminateAppliedCoupons(
  em: EntityManager,
  organizationId: string,
  of: { readonly couponId: string } | { readonly customerId: string },
  now: Date,
): Promise<void> {
  const [column, id] = 'couponId' in of ? ['coupon_id', of.couponId] : ['customer_id', of.customerId];
  await sql(
    em,
    `with held as materialized (
       select id from applied_coupons
       where organization_id = $1 and ${column} = $2 and status = 'active'
       order by id for no key update)
     update applied_coupons set status = 'terminated', terminated_at = $3::timestamptz, updated_at = $3::timestamptz
     where id in (select id from held) and organization_id = $1 and status = 'active'`,
    [organizationId, id, now.toISOString()],
  );
}
