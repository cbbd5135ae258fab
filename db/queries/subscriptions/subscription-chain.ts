import { planChange, type PlanPrice } from '../../../billing/subscriptions/plan-change.ts';
import type { SubscriptionChain } from '../../../billing/subscriptions/subscription-chain.ts';
import { instantOf } from '../../sql.ts';
import { initialStartOf } from './initial-start.ts';

/** A neighbour's status and plan; JSON, whose numbers have no more digits than JavaScript's. */
interface Neighbour {
  readonly status: string;
  readonly interval: PlanPrice['interval'];
  readonly amountCents: string;
}

/** What `chainColumns` selects. */
export interface ChainRow {
  readonly initialStart: string | null;
  readonly previousSubscription: Neighbour | null;
  readonly nextSubscription: (Neighbour & { readonly metricIds: readonly string[] }) | null;
}

const NEIGHBOUR = `'status', neighbour.status, 'interval', plan.interval, 'amountCents', plan.amount_cents::text`;

const METRICS = `'metricIds', array(select charge.billable_metric_id from charges charge
                      where charge.plan_id = plan.id and charge.deleted_at is null)`;

const FROM_NEIGHBOUR = 'from subscriptions neighbour join plans plan on plan.id = neighbour.plan_id';

/**
 * Columns that say what comes before and after a subscription, each looked up by its external id or its own.
 *
 * @param subscription the alias of its row.
 * @param hasTrial a condition: only a trial counts from the initial start.
 */
export const chainColumns = (subscription: string, hasTrial: string): string => `
  case when ${hasTrial} then (${initialStartOf(subscription)}) end as "initialStart",
  case when ${subscription}.previous_subscription_id is not null then (
    select json_build_object(${NEIGHBOUR}) ${FROM_NEIGHBOUR}
    where neighbour.id = ${subscription}.previous_subscription_id) end as "previousSubscription",
  (select json_build_object(${NEIGHBOUR}, ${METRICS}) ${FROM_NEIGHBOUR}
   where neighbour.organization_id = ${subscription}.organization_id
     and neighbour.external_id = ${subscription}.external_id
     and neighbour.previous_subscription_id = ${subscription}.id and neighbour.status <> 'canceled'
   order by neighbour.created_at desc, neighbour.id desc limit 1) as "nextSubscription"`;

/** Reads what `chainColumns` has selected. */
export const chainOf = (row: ChainRow, plan: PlanPrice): SubscriptionChain => {
  const { initialStart, previousSubscription: previous, nextSubscription: next } = row;
  return {
    initialStart: instantOf(initialStart),
    previous: previous && planChange(priceOf(previous), plan),
    next: next && planChange(plan, priceOf(next)),
    nextMetricIds: next?.metricIds ?? [],
    hasPendingNext: next?.status === 'pending',
  };
};

const priceOf = ({ interval, amountCents }: Neighbour): PlanPrice => ({ interval, amountCents: BigInt(amountCents) });
