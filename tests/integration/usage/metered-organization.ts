import { v7 } from 'uuid';
import { randomUUID } from 'node:crypto';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { ingestEvents } from '../../../activities/usage/ingest-events.ts';
import { scopedTo } from '../../../db/orm.ts';
import type { NewEvent } from '../../../db/queries/usage/store-events.ts';
import { sql } from '../../../db/sql.ts';

/** The frozen clock of these tests. */
export const NOW = new Date('2026-03-15T12:00:00Z');

export interface MetricRow {
  readonly code: string;
  readonly aggregationType: 'count_agg' | 'sum_agg';
  readonly fieldName: string | null;
  readonly rolledUp?: boolean;
}

/** An organization of the test's own, without anything but metrics and events. */
export interface MeteredOrganization {
  readonly id: string;
  readonly em: EntityManager;
  addMetric(metric: MetricRow): Promise<string>;
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
  return {
    id,
    em,
    async addMetric({ code, aggregationType, fieldName, rolledUp = true }) {
      const metricId = randomUUID();
      await sql(
        em,
        `insert into billable_metrics (id, organization_id, name, code, aggregation_type, field_name, rolled_up, created_at,
                                       updated_at)
         values ($1, $2, $3, $3, $4, $5, $6, $7, $7)`,
        [metricId, id, code, aggregationType, fieldName, rolledUp, NOW.toISOString()],
      );
      return metricId;
    },
    ingest: (events) =>
      ingestEvents(scopedTo(orm.em, id), id, events, { receivedAt: NOW, userAgent: null, ipAddress: null }),
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

/** All rollups of an organization, in their order. */
export const rollupsOf = ({ em, id }: MeteredOrganization) =>
  sql<Record<string, unknown>>(
    em,
    `select external_subscription_id, code, hour, keys, events_count, numeric_events_count, sum
     from usage_rollups where organization_id = $1 order by external_subscription_id, code, hour`,
    [id],
  );
