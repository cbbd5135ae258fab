import type { EntityManager } from '@mikro-orm/postgresql';
import { isLookedThrough } from '../../billing/charges/used-allowance.ts';
import { bucketOfEvent } from '../../billing/instant-charges/bucket-of-event.ts';
import type { InstantEvent, PresentItems } from '../../billing/instant-charges/price-events.ts';
import {
  allowanceAfter,
  NO_RUNNING_USAGE,
  renewedUsage,
  type CountedItem,
  type RunningUsage,
} from '../../billing/instant-charges/running-usage.ts';
import { Decimal } from '../../billing/money/decimal.ts';
import { carriesOver } from '../../billing/usage/aggregate.ts';
import type { KeyValues } from '../../billing/usage/bucket-condition.ts';
import type { Bucket } from '../../billing/usage/buckets.ts';
import { historyOf, type Tenure, type UsageSpan } from '../../billing/usage/usage-history.ts';
import type { RunningUsage as RunningUsageRow } from '../../db/entities/usage/running-usage.ts';
import { areItemsKnown, countsOfItems, presentItems } from '../../db/queries/instant-charges/counted-items.ts';
import {
  earlierItems,
  earlierUsage,
  earlierValues,
  type EarlierUsageScope,
} from '../../db/queries/instant-charges/earlier-usage.ts';
import { runningUsages } from '../../db/queries/instant-charges/running-usages.ts';
import { sharedTenures } from '../../db/queries/usage/usage-tenures.ts';
import { itemOf, type InstantChargeContext } from './load-instant-charge.ts';
import { runningUsageId } from './running-usage-id.ts';

/** Where usage stands before some events. */
export interface LoadedRunningUsages {
  /** By id. */
  readonly rows: ReadonlyMap<string, RunningUsageRow>;
  /** By id, of each of the events. */
  readonly before: ReadonlyMap<string, RunningUsage>;
  /** Of unique counts: the values of the events that are there. */
  readonly present: PresentItems;
  /** Of unique counts: values that were there before the charge was, and are not written yet. */
  readonly found: readonly CountedItem[];
}

/**
 * Where usage stands before events: as their rows say. What has no row yet begins with what was there before, where
 * there may be any; mostly there is nothing to look for. Of all such events together it is asked in one statement.
 */
export async function loadRunningUsages(
  em: EntityManager,
  organizationId: string,
  context: InstantChargeContext,
  events: readonly InstantEvent[],
): Promise<LoadedRunningUsages> {
  const firstOf = new Map<string, InstantEvent>();
  for (const event of events) if (!firstOf.has(event.runningId)) firstOf.set(event.runningId, event);
  const rows = await runningUsages(em, [...firstOf.keys()]);
  const unknown = [...firstOf.values()].filter(({ runningId }) => !rows.has(runningId));
  const isUnique = context.charged.billableMetric.aggregationType === 'unique_count_agg';
  const items = isUnique ? await loadItems(em, organizationId, context, events, unknown) : NO_ITEMS;
  const begun = isUnique ? items.begun : await usagesBefore(em, organizationId, context, unknown);
  const before = new Map([...rows].map(([id, row]) => [id, ofRow(row)]));
  for (const event of unknown) {
    const usage = begun.get(event.runningId) ?? NO_RUNNING_USAGE;
    before.set(event.runningId, isRenewed(context, event) ? renewedUsage(usage) : usage);
  }
  return { rows, before, present: items.present, found: items.found };
}

const ofRow = (row: RunningUsageRow): RunningUsage => ({
  paid: {
    current: row.currentUnits,
    highest: row.highestUnits,
    highestProrated: row.highestProratedUnits,
  },
  units: row.units,
  eventsCount: row.eventsCount,
  eventAmountCents: row.eventAmountCents,
  usedAllowance:
    row.usedAllowance == null
      ? null
      : {
          ...row.usedAllowance,
          total: new Decimal(row.usedAllowance.total),
          left: new Decimal(row.usedAllowance.left),
        },
});

/** Until then events may have come that nobody charged in advance. */
const chargedSince = ({ charged, subscription }: InstantChargeContext): Date =>
  charged.charge.createdAt > subscription.createdAt ? charged.charge.createdAt : subscription.createdAt;

const mayHaveEarlier = (context: InstantChargeContext, { period }: InstantEvent): boolean =>
  carriesOver(context.charged.billableMetric) || period.from < chargedSince(context);

/**
 * Whether a period began with a fee for all units that were there (spec, usage 6.6): not the first one of the
 * subscription, nor one that began before the charge was there.
 */
const isRenewed = (context: InstantChargeContext, { period }: InstantEvent): boolean => {
  const { startedAt } = context.subscription;
  return (
    carriesOver(context.charged.billableMetric) &&
    startedAt != null &&
    startedAt < period.from &&
    chargedSince(context) <= period.from
  );
};

type Begun = ReadonlyMap<string, RunningUsage>;

/** Periods of events, each once, and what is asked of them; null: there may be nothing in any. */
interface Earlier {
  readonly periods: readonly InstantEvent['period'][];
  readonly asked: EarlierUsageScope;
}

async function earlierOf(
  em: EntityManager,
  organizationId: string,
  context: InstantChargeContext,
  unknown: readonly InstantEvent[],
): Promise<Earlier | null> {
  const events = unknown.filter((event) => mayHaveEarlier(context, event));
  if (events.length === 0) return null;
  const periods = [...new Map(events.map(({ period }) => [period.from.getTime(), period])).values()];
  const { subscription, charged, keys } = context;
  const carries = carriesOver(charged.billableMetric);
  const tenures = carries
    ? ((await sharedTenures(em, organizationId, [subscription.id])).get(subscription.id) ?? [])
    : [];
  return {
    periods,
    asked: {
      organizationId,
      customerId: subscription.customerId,
      subscriptionId: subscription.id,
      externalSubscriptionId: subscription.externalId,
      chargeId: charged.charge.id,
      metric: charged.billableMetric,
      keys,
      periods: periods.map(({ from, to }) => (carries ? historyUntil(context, tenures, to) : [{ from, to }])),
    },
  };
}

const historyUntil = (
  { subscription }: InstantChargeContext,
  tenures: readonly Tenure[],
  to: Date,
): readonly UsageSpan[] =>
  tenures.length === 0 ? [{ from: null, to }] : historyOf(subscription.customerId, tenures, to);

/** The running usage that rows with these values are part of; null: it is not asked for. */
function placeOf(
  { subscription, charged, buckets }: InstantChargeContext,
  unknown: readonly InstantEvent[],
  periods: readonly InstantEvent['period'][],
): (place: number, keys: KeyValues) => { readonly id: string; readonly bucket: Bucket } | null {
  const asked = new Set(unknown.map(({ runningId }) => runningId));
  return (place, keys) => {
    const { bucket, groupedBy } = bucketOfEvent(buckets, keys);
    const id = runningUsageId({
      subscriptionId: subscription.id,
      chargeId: charged.charge.id,
      chargeFilterId: bucket.chargeFilterId,
      groupedBy,
      periodFrom: periods[place]!.from,
    });
    return asked.has(id) ? { id, bucket } : null;
  };
}

/** What counts and sums stood at. Nothing of it was paid in these periods. */
async function usagesBefore(
  em: EntityManager,
  organizationId: string,
  context: InstantChargeContext,
  unknown: readonly InstantEvent[],
): Promise<Begun> {
  const earlier = await earlierOf(em, organizationId, context, unknown);
  if (earlier === null) return new Map();
  const { aggregationType } = context.charged.billableMetric;
  const pricings = context.buckets.map(({ pricing }) => pricing);
  const withAmounts = pricings.some(({ chargeModel }) => chargeModel === 'dynamic');
  const isCount = aggregationType === 'count_agg';
  const placed = placeOf(context, unknown, earlier.periods);
  const begun = new Map<string, RunningUsage>();
  for (const row of await earlierUsage(em, earlier.asked, { withAmounts })) {
    const found = placed(row.place, row.keys);
    if (found === null) continue;
    const usage = begun.get(found.id) ?? NO_RUNNING_USAGE;
    const count = isCount ? row.eventsCount : row.numbersCount;
    begun.set(found.id, {
      ...usage,
      units: usage.units.plus(isCount ? new Decimal(count.toString()) : row.sum),
      eventsCount: usage.eventsCount + count,
      eventAmountCents: usage.eventAmountCents.plus(row.amountCents),
    });
  }
  const isAnyFree = pricings.some(
    (pricing) => pricing.chargeModel === 'percentage' && !(pricing.freeEvents === 0 && pricing.freeUnits.isZero()),
  );
  if (isCount || !isAnyFree) return begun;
  for (const { place, keys, value } of await earlierValues(em, earlier.asked)) {
    const found = placed(place, keys);
    if (found === null) continue;
    const usage = begun.get(found.id) ?? NO_RUNNING_USAGE;
    const { pricing } = found.bucket;
    const isOver =
      usage.usedAllowance !== null &&
      pricing.chargeModel === 'percentage' &&
      isLookedThrough(usage.usedAllowance, pricing) &&
      usage.usedAllowance.left.isZero();
    if (!isOver) begun.set(found.id, { ...usage, usedAllowance: allowanceAfter(usage.usedAllowance, value, pricing) });
  }
  return begun;
}

interface LoadedItems {
  readonly begun: Begun;
  readonly present: PresentItems;
  readonly found: readonly CountedItem[];
}

const NO_ITEMS: LoadedItems = { begun: new Map(), present: new Map(), found: [] };

/**
 * Which values of the events are there, and how many where no running usage is known. The first time that events of the
 * subscription are priced the values are found that were there before; from then on they are written down.
 */
async function loadItems(
  em: EntityManager,
  organizationId: string,
  context: InstantChargeContext,
  events: readonly InstantEvent[],
  unknown: readonly InstantEvent[],
): Promise<LoadedItems> {
  const { subscription, charged } = context;
  const isKnown = unknown.length === 0 || (await areItemsKnown(em, organizationId, subscription.id, charged.charge.id));
  const earlier = isKnown ? null : await earlierOf(em, organizationId, context, unknown);
  const found = earlier === null ? [] : await foundItems(em, context, earlier);
  const asked = events.flatMap(({ units: { item } }) => item ?? []);
  const written = await presentItems(em, asked);
  const present = new Map<string, Set<string>>();
  for (const { ownerId, value } of [...written, ...found]) {
    present.set(ownerId, (present.get(ownerId) ?? new Set()).add(value));
  }
  const ownerOf = new Map(unknown.map(({ runningId, units }) => [runningId, units.item!.ownerId]));
  const counts = isKnown ? await countsOfItems(em, [...ownerOf.values()]) : new Map<string, bigint>();
  const begun = new Map(
    [...ownerOf].map(([runningId, ownerId]) => {
      const count = counts.get(ownerId) ?? BigInt(present.get(ownerId)?.size ?? 0);
      return [runningId, { ...NO_RUNNING_USAGE, units: new Decimal(count.toString()), eventsCount: count }] as const;
    }),
  );
  return { begun, present, found };
}

async function foundItems(
  em: EntityManager,
  context: InstantChargeContext,
  { asked, periods }: Earlier,
): Promise<readonly CountedItem[]> {
  // Where the metric carries over, what is there now is the same in every period.
  const last = periods.toSorted((one, other) => other.from.getTime() - one.from.getTime()).slice(0, 1);
  const isCarried = carriesOver(context.charged.billableMetric);
  const looked = isCarried ? last : periods;
  const spans = looked.map((period) => asked.periods[periods.indexOf(period)]!);
  const items = await earlierItems(em, { ...asked, periods: spans });
  return items.map(({ place, keys }) => itemOf(context, keys, looked[place]!.from)!);
}
