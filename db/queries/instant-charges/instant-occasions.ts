import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** An event with a charge in advance of its subscription. */
export interface InstantOccasion {
  readonly eventId: string;
  readonly chargeId: string;
  readonly subscriptionId: string;
  readonly customerId: string;
}

/** SQL: whether any charge in advance is on the metrics of a code. @param code SQL for the code of an event. */
export const isChargedInAdvance = (code: string): string =>
  `exists (select from charges charge
     join billable_metrics metric on metric.id = charge.billable_metric_id and metric.deleted_at is null
     where charge.organization_id = $1 and charge.pay_in_advance and charge.deleted_at is null
       and metric.organization_id = $1 and metric.code = ${code})`;

/**
 * Which charges in advance stored events are for, in one statement: those of the subscription that an event belongs to,
 * at the millisecond (spec, usage 2.5, 6.2; S014). An event without the property that its metric looks at is for none.
 */
export const instantOccasions = (
  em: EntityManager,
  organizationId: string,
  eventIds: readonly string[],
): Promise<InstantOccasion[]> =>
  sql<InstantOccasion>(
    em,
    `select event.id as "eventId", charge.id as "chargeId", served.id as "subscriptionId",
            served.customer_id as "customerId"
     from events event
     join billable_metrics metric
       on metric.organization_id = $1 and metric.code = event.code and metric.deleted_at is null
         and (metric.aggregation_type in ('count_agg', 'custom_agg')
              or coalesce(event.properties ->> metric.field_name, '') <> '')
     cross join lateral (
       select subscription.id, subscription.customer_id, subscription.plan_id
       from subscriptions subscription
       cross join lateral (
         select date_trunc('milliseconds', subscription.started_at) <= event."timestamp"
           and (subscription.terminated_at is null
                or date_trunc('milliseconds', subscription.terminated_at)
                   >= date_trunc('milliseconds', event."timestamp")) as is_at_event) as found
       where subscription.organization_id = $1 and subscription.external_id = event.external_subscription_id
         and subscription.status in ('active', 'terminated') and subscription.started_at is not null
         and (found.is_at_event or (metric.recurring and subscription.status = 'active'))
       order by found.is_at_event desc, subscription.terminated_at desc nulls first, subscription.started_at desc
       limit 1) as served
     join charges charge
       on charge.organization_id = $1 and charge.billable_metric_id = metric.id and charge.plan_id = served.plan_id
         and charge.pay_in_advance and charge.deleted_at is null
     where event.organization_id = $1 and event.id = any($2::uuid[])
     order by event.id, charge.position, charge.id`,
    [organizationId, eventIds],
  );
