import type { EntityManager } from '@mikro-orm/postgresql';
import type { AppliedCouponFacts } from '../../../billing/coupons/applied-coupon.ts';
import type { CouponFrequency, CouponType } from '../../../billing/coupons/coupon.ts';
import type { CouponTarget } from '../../../billing/coupons/coupon-target.ts';
import type { Currency } from '../../../billing/money/currency.ts';
import { Decimal } from '../../../billing/money/decimal.ts';
import { instantOf, sql } from '../../sql.ts';

/**
 * SQL: whether what an invoice was credited with counts as used (spec, money 2.2). One that is voided, closed or
 * deleted gives it back.
 */
export const IS_ACTIVE_CREDIT = `invoices.status not in ('voided', 'closed', 'deleted')`;

interface Row {
  readonly id: string;
  readonly customerId: string;
  readonly couponType: CouponType;
  readonly amountCents: string | null;
  readonly amountCurrency: Currency | null;
  readonly percentageRate: string | null;
  readonly frequency: CouponFrequency;
  readonly frequencyDuration: number | null;
  readonly frequencyDurationRemaining: number | null;
  readonly createdAt: string;
  readonly planIds: readonly string[] | null;
  readonly metricIds: readonly string[] | null;
  readonly usedAmountCents: string | null;
}

/** The coupons that customers have to use, by customer: one statement. Call it under the customers' locks. */
export async function couponsForBilling(
  em: EntityManager,
  organizationId: string,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, readonly AppliedCouponFacts[]>> {
  const rows = await sql<Row>(
    em,
    `select applied.id, applied.customer_id as "customerId", coupons.coupon_type as "couponType",
            applied.amount_cents as "amountCents", applied.amount_currency as "amountCurrency",
            applied.percentage_rate as "percentageRate", applied.frequency,
            applied.frequency_duration as "frequencyDuration",
            applied.frequency_duration_remaining as "frequencyDurationRemaining", applied.created_at as "createdAt",
            (select jsonb_agg(plan_id) from coupon_targets
             where coupon_id = applied.coupon_id and plan_id is not null) as "planIds",
            (select jsonb_agg(billable_metric_id) from coupon_targets
             where coupon_id = applied.coupon_id and billable_metric_id is not null) as "metricIds",
            case when applied.frequency = 'once' then (
              select sum(credits.amount_cents) from credits join invoices on invoices.id = credits.invoice_id
              where credits.applied_coupon_id = applied.id and ${IS_ACTIVE_CREDIT}) end as "usedAmountCents"
     from applied_coupons applied join coupons on coupons.id = applied.coupon_id
     where applied.organization_id = $1 and applied.customer_id = any($2::uuid[]) and applied.status = 'active'`,
    [organizationId, customerIds],
  );
  const found = new Map<string, AppliedCouponFacts[]>();
  for (const row of rows) found.set(row.customerId, [...(found.get(row.customerId) ?? []), factsOf(row)]);
  return found;
}

const factsOf = (row: Row): AppliedCouponFacts => ({
  id: row.id,
  createdAt: instantOf(row.createdAt),
  target: targetOf(row),
  couponType: row.couponType,
  amountCents: row.amountCents === null ? null : BigInt(row.amountCents),
  amountCurrency: row.amountCurrency,
  percentageRate: row.percentageRate === null ? null : new Decimal(row.percentageRate),
  frequency: row.frequency,
  frequencyDuration: row.frequencyDuration,
  frequencyDurationRemaining: row.frequencyDurationRemaining,
  usedAmountCents: BigInt(row.usedAmountCents ?? 0),
});

function targetOf({ planIds, metricIds }: Row): CouponTarget {
  if (planIds !== null) return { kind: 'plans', planIds };
  return metricIds === null ? { kind: 'everything' } : { kind: 'metrics', metricIds };
}
