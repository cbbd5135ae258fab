import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/**
 * Terminates every customer's active use of a coupon, or all coupons of a customer, in one statement.
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
    `update applied_coupons set status = 'terminated', terminated_at = $3::timestamptz, updated_at = $3::timestamptz
     where organization_id = $1 and ${column} = $2 and status = 'active'`,
    [organizationId, id, now.toISOString()],
  );
}
