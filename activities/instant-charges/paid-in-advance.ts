import type { EntityManager } from '@mikro-orm/postgresql';
import { days } from '../../billing/calendar/days.ts';
import type { ChargeFacts } from '../../billing/charges/charge-facts.ts';
import { paidUsage } from '../../billing/instant-charges/paid-usage.ts';
import type { UsagePeriod } from '../../billing/usage/usage-period.ts';
import type { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { usagesOfPeriod } from '../../db/queries/instant-charges/running-usages.ts';
import type { ChargeWithMetric } from '../../db/queries/plans/charges-of-plans.ts';
import { runningUsageId } from './running-usage-id.ts';

/** The usage of a charge as current usage prices it. */
export type AsPaid = (charged: ChargeWithMetric, facts: ChargeFacts) => ChargeFacts;

/**
 * What was paid for in advance in the running period, for current usage (spec, usage 6.8): one statement, and none
 * where no charge is in advance.
 */
export async function paidInAdvance(
  em: EntityManager,
  { id: subscriptionId }: Pick<Subscription, 'id'>,
  period: UsagePeriod,
  charges: readonly ChargeWithMetric[],
): Promise<AsPaid> {
  const inAdvance = charges.flatMap(({ charge }) => (charge.payInAdvance ? [charge.id] : []));
  const rows = await usagesOfPeriod(em, subscriptionId, inAdvance, period.from);
  const proration = { days: days(period.from, period.to, period.timeZone), periodDays: period.days };
  return ({ charge }, facts) => {
    if (!charge.payInAdvance) return facts;
    const paidOf = (chargeFilterId: string | null, groupedBy: ChargeFacts['buckets'][number]['groupedBy']) => {
      const owner = { subscriptionId, chargeId: charge.id, chargeFilterId, groupedBy, periodFrom: period.from };
      const row = rows.get(runningUsageId(owner));
      return row
        ? { current: row.currentUnits, highest: row.highestUnits, highestProrated: row.highestProratedUnits }
        : null;
    };
    return {
      ...facts,
      buckets: facts.buckets.map((bucket) => ({
        ...bucket,
        usage: paidUsage(
          bucket.usage,
          paidOf(bucket.chargeFilterId, bucket.groupedBy),
          charge.prorated ? proration : null,
        ),
      })),
    };
  };
}
