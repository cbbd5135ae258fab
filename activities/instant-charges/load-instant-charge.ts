import type { EntityManager } from '@mikro-orm/postgresql';
import { currentWindow } from '../../billing/calendar/charge-window.ts';
import { days } from '../../billing/calendar/days.ts';
import { chargeSplit } from '../../billing/charges/charge-split.ts';
import type { PriceMoney } from '../../billing/charges/pricing-unit.ts';
import { bucketOfEvent } from '../../billing/instant-charges/bucket-of-event.ts';
import { eventUnits } from '../../billing/instant-charges/event-units.ts';
import type { InstantEvent } from '../../billing/instant-charges/price-events.ts';
import type { CountedItem, Proration } from '../../billing/instant-charges/running-usage.ts';
import { serviceTermsOf } from '../../billing/subscriptions/terms-of.ts';
import { carriesOver } from '../../billing/usage/aggregate.ts';
import { valueOf, type KeyValues } from '../../billing/usage/bucket-condition.ts';
import { bucketsOf, groupOf, splittingKeys, type Bucket } from '../../billing/usage/buckets.ts';
import { keysOnInvoice, type PresentationKey } from '../../billing/usage/presentation.ts';
import type { UnpricedEvent } from '../../db/acts/unpriced-events.ts';
import { chargeById } from '../../db/queries/instant-charges/charge-by-id.ts';
import { pricingUnitOf, type ChargeWithMetric } from '../../db/queries/plans/charges-of-plans.ts';
import { lastWindowsAt } from '../../db/queries/subscriptions/last-invoiced-windows.ts';
import { subscriptionContext, type SubscriptionContext } from '../../db/queries/subscriptions/subscription-context.ts';
import { millisecondsOf } from '../../db/types/microseconds.ts';
import { runningUsageId } from './running-usage-id.ts';

/** A charge in advance of a subscription, with what decides on its fees. */
export interface InstantChargeContext extends SubscriptionContext {
  readonly charged: ChargeWithMetric;
  readonly buckets: readonly Bucket[];
  /** Property names whose values tell its buckets and groups apart, and what it shows of them. */
  readonly keys: readonly string[];
  readonly presentationKeys: readonly PresentationKey[];
}

/** @returns null when the charge or its metric is deleted. */
export async function loadInstantCharge(
  em: EntityManager,
  organizationId: string,
  { chargeId, subscriptionId }: { readonly chargeId: string; readonly subscriptionId: string },
): Promise<InstantChargeContext | null> {
  const charged = await chargeById(em, organizationId, chargeId);
  if (charged === null) return null;
  const context = await subscriptionContext(em, organizationId, subscriptionId, 'read');
  return { ...context, ...splitOf(charged) };
}

/** What the prices of a charge are said in. */
export const moneyOf = ({ plan, charged }: Pick<InstantChargeContext, 'plan' | 'charged'>): PriceMoney => ({
  currency: plan.amountCurrency,
  pricingUnit: pricingUnitOf(charged),
});

/** A charge with how it splits its events. */
export function splitOf(
  charged: ChargeWithMetric,
): Pick<InstantChargeContext, 'charged' | 'buckets' | 'keys' | 'presentationKeys'> {
  const split = chargeSplit(charged.charge, charged.filters, charged.billableMetric.filters);
  const { aggregationType, fieldName } = charged.billableMetric;
  const own = aggregationType === 'unique_count_agg' && fieldName != null ? [fieldName, OPERATION] : [];
  const keys = [...new Set([...splittingKeys(split), ...own])].toSorted();
  return { charged, buckets: bucketsOf(split), keys, presentationKeys: split.presentationKeys };
}

/** The property that says what an event of a unique count does with its value (spec, usage 1.4). */
const OPERATION = 'operation_type';

/**
 * What an event of a unique count adds or removes. Where the metric carries over it is counted in all periods, else in
 * its own; null: its metric is another one.
 */
export function itemOf(
  { subscription, charged, buckets }: Pick<InstantChargeContext, 'subscription' | 'charged' | 'buckets'>,
  keys: KeyValues,
  periodFrom: Date,
): CountedItem | null {
  const { charge, billableMetric } = charged;
  const { aggregationType, fieldName } = billableMetric;
  if (aggregationType !== 'unique_count_agg' || fieldName == null) return null;
  const { bucket, groupedBy } = bucketOfEvent(buckets, keys);
  return {
    ownerId: runningUsageId({
      subscriptionId: subscription.id,
      chargeId: charge.id,
      chargeFilterId: bucket.chargeFilterId,
      groupedBy,
      periodFrom: carriesOver(billableMetric) ? null : periodFrom,
    }),
    value: valueOf(keys, fieldName) ?? '',
    isAdded: (valueOf(keys, OPERATION) ?? 'add') === 'add',
  };
}

/**
 * The events that are priced, each in its period, bucket and group. Left out are those that the metric does not count,
 * and those after the end of the subscription (spec, usage 6.2).
 */
export async function placeEvents(
  em: EntityManager,
  organizationId: string,
  context: InstantChargeContext,
  events: readonly UnpricedEvent[],
): Promise<readonly InstantEvent[]> {
  const { subscription, plan, charged, buckets, presentationKeys, timeZone } = context;
  if (events.length === 0) return [];
  const terms = serviceTermsOf(subscription, plan);
  const moments = [...new Set(events.map(({ timestamp }) => millisecondsOf(timestamp)))];
  const windows = await lastWindowsAt(
    em,
    organizationId,
    moments.map((moment) => ({ subscriptionId: subscription.id, before: new Date(moment) })),
  );
  const lastAt = new Map(moments.map((moment, index) => [moment, windows[index]!.charges]));
  return events.flatMap((event) => {
    const at = new Date(millisecondsOf(event.timestamp));
    const last = lastAt.get(at.getTime()) ?? null;
    const hasEnded = subscription.terminatedAt != null && subscription.terminatedAt < at;
    // A backdated event of a metric that carries over is of the period in which service began.
    const within = subscription.startedAt && subscription.startedAt > at ? subscription.startedAt : at;
    const window = hasEnded ? null : currentWindow(terms, timeZone, within, 'charges', last);
    if (window === null) return [];
    const item = itemOf(context, event.keys, window.from);
    const units = eventUnits(charged.billableMetric.aggregationType, event, item);
    if (units === null) return [];
    const { bucket, groupedBy } = bucketOfEvent(buckets, event.keys);
    const { chargeFilterId } = bucket;
    const { id: chargeId, prorated } = charged.charge;
    const proration: Proration = prorated ? { days: days(within, window.to, timeZone), periodDays: window.days } : null;
    const owner = { subscriptionId: subscription.id, chargeId, chargeFilterId, groupedBy, periodFrom: window.from };
    const period = { from: window.from, to: window.to };
    const { actId, eventId, transactionId, timestamp } = event;
    const runningId = runningUsageId(owner);
    const placed = { actId, eventId, transactionId, timestamp, bucket, groupedBy, runningId, period, units, proration };
    return [{ ...placed, presentation: presentationOf(presentationKeys, event.keys) }];
  });
}

const presentationOf = (keys: readonly PresentationKey[], values: KeyValues): InstantEvent['presentation'] =>
  keys.length === 0
    ? null
    : {
        keysOnInvoice: keysOnInvoice(keys),
        by: groupOf(
          keys.map(({ key }) => key),
          values,
        ),
      };
