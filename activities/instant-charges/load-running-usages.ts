import type { EntityManager } from '@mikro-orm/postgresql';
import { bucketOfEvent } from '../../billing/instant-charges/bucket-of-event.ts';
import { eventUnits } from '../../billing/instant-charges/event-units.ts';
import type { InstantEvent } from '../../billing/instant-charges/price-events.ts';
import { countEvent, NO_RUNNING_USAGE, type RunningUsage } from '../../billing/instant-charges/running-usage.ts';
import { Decimal } from '../../billing/money/decimal.ts';
import { carriesOver } from '../../billing/usage/aggregate.ts';
import type { RunningUsage as RunningUsageRow } from '../../db/entities/usage/running-usage.ts';
import { earlierEvents } from '../../db/queries/instant-charges/earlier-usage.ts';
import { runningUsages } from '../../db/queries/instant-charges/running-usages.ts';
import type { InstantChargeContext } from './load-instant-charge.ts';

/** Where usage stands before some events. */
export interface LoadedRunningUsages {
  /** By id. */
  readonly rows: ReadonlyMap<string, RunningUsageRow>;
  /** By id, of each of the events. */
  readonly before: ReadonlyMap<string, RunningUsage>;
}

/**
 * Where usage stands before events: as their rows say. Of what has no row yet the events are read that no fee was asked
 * for, where there may be any; nearly always there is none to look for.
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
  const before = new Map([...rows].map(([id, row]) => [id, ofRow(row)]));
  const unknown = [...firstOf.values()].filter(({ runningId }) => !rows.has(runningId));
  for (const event of unknown) {
    // Nearly never more than one: of a period in which the charge or the subscription began.
    const usage = mayHaveEarlier(context, event) ? await usageBefore(em, organizationId, context, event) : undefined;
    before.set(event.runningId, usage ?? NO_RUNNING_USAGE);
  }
  return { rows, before };
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
  firstValues: row.firstValues.map((value) => new Decimal(value)),
});

/** Until then events may have come that nobody charged in advance. */
const chargedSince = ({ charged, subscription }: InstantChargeContext): Date =>
  charged.charge.createdAt > subscription.createdAt ? charged.charge.createdAt : subscription.createdAt;

const mayHaveEarlier = (context: InstantChargeContext, { period }: InstantEvent): boolean =>
  carriesOver(context.charged.billableMetric) || period.from < chargedSince(context);

async function usageBefore(
  em: EntityManager,
  organizationId: string,
  context: InstantChargeContext,
  first: InstantEvent,
): Promise<RunningUsage> {
  const { charged, keys, buckets, subscription } = context;
  const { billableMetric: metric, charge } = charged;
  const carries = carriesOver(metric);
  const earlier = await earlierEvents(em, {
    organizationId,
    externalSubscriptionId: subscription.externalId,
    code: metric.code,
    fieldName: metric.fieldName ?? null,
    keys,
    chargeId: charge.id,
    from: carries ? null : first.period.from,
    receivedBy: carries ? null : chargedSince(context),
    before: { timestamp: first.timestamp, eventId: first.eventId },
  });
  const group = JSON.stringify(first.groupedBy);
  let usage = NO_RUNNING_USAGE;
  for (const event of earlier) {
    const { bucket, groupedBy } = bucketOfEvent(buckets, event.keys);
    const units = eventUnits(metric.aggregationType, event);
    if (units === null || bucket !== first.bucket || JSON.stringify(groupedBy) !== group) continue;
    usage = countEvent(usage, units, first.bucket.pricing, null).after;
  }
  // Nothing of it was paid in this period.
  return { ...usage, paid: null };
}
