import type { EntityManager } from '@mikro-orm/postgresql';
import { bucketOfEvent } from '../../billing/instant-charges/bucket-of-event.ts';
import {
  hasInstantEstimate,
  instantEstimate,
  type InstantEstimate,
} from '../../billing/instant-charges/instant-estimate.ts';
import { Decimal, ZERO } from '../../billing/money/decimal.ts';
import { invalid, notFound } from '../../billing/refusal.ts';
import type { KeyValues } from '../../billing/usage/bucket-condition.ts';
import { computedProperties, evaluationFailed } from '../../billing/usage/expression/computed-properties.ts';
import { roundUnits } from '../../billing/usage/metric-rounding.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import { Plan } from '../../db/entities/plans/plan.ts';
import { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { readProperties } from '../../db/queries/instant-charges/read-properties.ts';
import { chargesOfPlans, type ChargeWithMetric } from '../../db/queries/plans/charges-of-plans.ts';
import { rowsById } from '../../db/queries/rows-by-id.ts';
import { microsecondsOf } from '../../db/types/microseconds.ts';
import type { CommandScope } from '../command-scope.ts';
import { moneyOf, splitOf } from './load-instant-charge.ts';

/** An event that is not stored. */
export interface EstimatedEvent {
  /** null: of none, which is refused. */
  readonly externalSubscriptionId: string | null;
  readonly code: string | null;
  readonly transactionId: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What an event would cost by itself, by one charge. */
export interface EstimatedInstantFee extends InstantEstimate {
  readonly event: EstimatedEvent;
  readonly charged: ChargeWithMetric;
  readonly chargeFilterId: string | null;
  readonly groupedBy: KeyValues;
  readonly subscription: Subscription;
  readonly customer: Customer;
  readonly plan: Plan;
}

const ONE = new Decimal(1);

/**
 * What charges in advance would ask for events without looking at any others; nothing is read of usage, nothing stored
 * (spec, usage 2.9; S018, S019).
 *
 * @throws Refusal 404 `subscription_not_found`; 422 `code: does_not_match_an_instant_charge` where a subscription has
 * no charge that could be asked; 422 `expression_evaluation_failed`.
 */
export async function estimateInstantFees(
  em: EntityManager,
  { organizationId, now }: Pick<CommandScope, 'organizationId' | 'now'>,
  events: readonly EstimatedEvent[],
): Promise<readonly EstimatedInstantFee[]> {
  const externalIds = [...new Set(events.flatMap(({ externalSubscriptionId: id }) => id ?? []))];
  const subscriptions = await em.find(Subscription, { externalId: externalIds, status: 'active' });
  const byExternalId = new Map(subscriptions.map((subscription) => [subscription.externalId, subscription]));
  if (events.some(({ externalSubscriptionId: id }) => id === null || !byExternalId.has(id))) {
    throw notFound('subscription');
  }
  const planIds = [...new Set(subscriptions.map(({ planId }) => planId))];
  const charges = (await chargesOfPlans(em, organizationId, planIds)).filter(
    ({ charge }) => charge.payInAdvance && hasInstantEstimate(charge),
  );
  const hasNone = subscriptions.some(({ planId }) => charges.every(({ charge }) => charge.planId !== planId));
  if (hasNone) throw invalid({ code: ['does_not_match_an_instant_charge'] });
  const customers = await rowsById(
    em,
    Customer,
    subscriptions.map(({ customerId }) => customerId),
  );
  const plans = await rowsById(em, Plan, planIds);
  const asked = events.flatMap((event) => {
    const subscription = byExternalId.get(event.externalSubscriptionId!)!;
    return charges
      .filter(
        ({ charge, billableMetric }) => charge.planId === subscription.planId && billableMetric.code === event.code,
      )
      .map((charged) => ({ event, subscription, ...splitOf(charged) }));
  });
  const read = await readProperties(
    em,
    asked.map(({ event, charged, keys }) => ({
      properties: propertiesOf(event, charged, now),
      fieldName: charged.billableMetric.fieldName ?? null,
      keys,
    })),
  );
  return asked.map(({ event, subscription, charged, buckets }, index) => {
    const { value, keys } = read[index]!;
    const { fieldName, roundingFunction = null, roundingPrecision = null } = charged.billableMetric;
    const plan = plans.get(subscription.planId)!;
    const { bucket, groupedBy } = bucketOfEvent(buckets, keys);
    const units = roundUnits(fieldName == null ? ONE : (value ?? ZERO), { roundingFunction, roundingPrecision });
    return {
      ...instantEstimate(bucket.pricing, units, moneyOf({ plan, charged })),
      event,
      charged,
      chargeFilterId: bucket.chargeFilterId,
      groupedBy,
      subscription,
      customer: customers.get(subscription.customerId)!,
      plan,
    };
  });
}

/** @throws Refusal 422 where the metric's expression says nothing for the event. */
function propertiesOf(
  { properties: sent }: EstimatedEvent,
  { billableMetric }: ChargeWithMetric,
  now: Date,
): EstimatedEvent['properties'] {
  const event = { code: billableMetric.code, timestamp: microsecondsOf(now), properties: sent };
  const { properties, failure } = computedProperties(event, billableMetric);
  if (failure !== null) throw invalid(evaluationFailed(failure));
  return properties;
}
