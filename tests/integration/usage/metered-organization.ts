import { v7 } from 'uuid';
import { randomUUID } from 'node:crypto';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { ingestEvents } from '../../../activities/usage/ingest-events.ts';
import type { MeteredMetric, Proration, UsageSlot } from '../../../billing/usage/usage-slot.ts';
import { addTotals, noTotals, type AggregationType, type UsageTotals } from '../../../billing/usage/usage-totals.ts';
import { scopedTo } from '../../../db/orm.ts';
import type { NewEvent } from '../../../db/queries/usage/store-events.ts';
import { readUsage } from '../../../db/queries/usage/usage.ts';
import { sql } from '../../../db/sql.ts';

/** The frozen clock of these tests. */
export const NOW = new Date('2026-03-15T12:00:00Z');

export interface MetricRow {
  readonly code: string;
  readonly aggregationType: AggregationType;
  readonly fieldName: string | null;
  readonly rolledUp?: boolean;
  readonly rollupKeys?: readonly string[];
}

/** What is asked of a metric's events. */
export interface AskedSlot {
  readonly externalSubscriptionId?: string;
  /** The property that is summed, where that is not the metric's own. */
  readonly fieldName?: string;
  readonly from: Date | string;
  readonly to: Date | string;
  readonly carriesOver?: boolean;
  /** False: of another definition than the rollups, so that the events themselves are read. */
  readonly rolledUp?: boolean;
  readonly keys?: readonly string[];
  readonly withValues?: boolean;
  readonly withAmounts?: boolean;
  readonly proration?: Proration | null;
}

/** An organization of the test's own, without anything but metrics and events. */
export interface MeteredOrganization {
  readonly id: string;
  readonly em: EntityManager;
  addMetric(metric: MetricRow): Promise<string>;
  /** A question to a metric that was added, by its code, for the subscription `sub` unless said otherwise. */
  slot(code: string, asked: AskedSlot): UsageSlot;
  /** What slots add up to, in their order and whatever their keys. */
  totals(slots: readonly UsageSlot[]): Promise<readonly UsageTotals[]>;
  /** The indexes of the events whose transaction id was taken. */
  ingest(events: readonly NewEvent[]): Promise<readonly number[]>;
}

export async function meteredOrganization(orm: MikroORM): Promise<MeteredOrganization> {
  const id = randomUUID();
  const em = scopedTo(orm.em, id);
  await sql(em, 'insert into organizations (id, name, created_at, updated_at) values ($1, $2, $3, $3)', [
    id,
    'Acme',
    NOW.toISOString(),
  ]);
  const metrics = new Map<string, MeteredMetric>();
  return {
    id,
    em,
    async addMetric({ code, aggregationType, fieldName, rolledUp = true, rollupKeys = [] }) {
      const metricId = randomUUID();
      metrics.set(code, { id: metricId, code, aggregationType, fieldName, recurring: false, definitionVersion: 1 });
      await sql(
        em,
        `insert into billable_metrics (id, organization_id, name, code, aggregation_type, field_name, rolled_up,
                                       rollup_keys, created_at, updated_at)
         values ($1, $2, $3, $3, $4, $5, $6, $7, $8, $8)`,
        [metricId, id, code, aggregationType, fieldName, rolledUp, JSON.stringify(rollupKeys), NOW.toISOString()],
      );
      return metricId;
    },
    slot(code, { externalSubscriptionId = 'sub', fieldName, carriesOver = false, rolledUp = true, ...asked }) {
      const metric = metrics.get(code)!;
      const [from, to] = [new Date(asked.from), new Date(asked.to)];
      return {
        id: randomUUID(),
        externalSubscriptionId,
        metric: {
          ...metric,
          fieldName: fieldName ?? metric.fieldName,
          definitionVersion: rolledUp ? metric.definitionVersion : metric.definitionVersion - 1,
        },
        from,
        to,
        history: carriesOver ? [{ from: null, to }] : null,
        keys: asked.keys ?? [],
        condition: null,
        proration: asked.proration ?? null,
        withValues: asked.withValues ?? false,
        withAmounts: asked.withAmounts ?? false,
      };
    },
    async totals(slots) {
      const usage = await readUsage(em, id, slots);
      return slots.map(({ id: slotId, metric }) =>
        (usage.get(slotId) ?? []).reduce((sum, row) => addTotals(sum, row.totals), noTotals(metric.aggregationType)),
      );
    },
    ingest: (events) =>
      ingestEvents(scopedTo(orm.em, id), id, [
        { events, receipt: { receivedAt: NOW, userAgent: null, ipAddress: null } },
      ]).then(([ingestion]) => ingestion!.taken),
  };
}

/** An event of the subscription `sub` and the code `bytes`, at NOW, unless said otherwise. */
export const anEvent = (event: Partial<NewEvent> = {}): NewEvent => ({
  id: v7(),
  transactionId: randomUUID(),
  externalSubscriptionId: 'sub',
  code: 'bytes',
  timestamp: BigInt(NOW.getTime()) * 1000n,
  properties: {},
  preciseTotalAmountCents: null,
  ...event,
});

/** What a total of a sum says, as a text. */
export const sumOf = (totals: UsageTotals | undefined): string =>
  totals && 'sum' in totals ? totals.sum.toFixed() : 'no sum';

/** All rollups of an organization, in their order. */
export const rollupsOf = ({ em, id }: MeteredOrganization) =>
  sql<Record<string, unknown>>(
    em,
    `select external_subscription_id, code, hour, keys, events_count, numeric_events_count, sum, amount, max, latest,
            moment
     from usage_rollups where organization_id = $1 order by external_subscription_id, code, hour, keys`,
    [id],
  );
