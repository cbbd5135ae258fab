import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { emitWebhooks } from '../../activities/webhooks/emit-webhooks.ts';
import { flagDraftsOf } from '../../activities/invoices/flag-drafts.ts';
import { rollupsAct } from '../../activities/acts/wanted-acts.ts';
import { invalid, notFound } from '../../billing/refusal.ts';
import { wantActs, type WantedAct } from '../../db/acts/acts.ts';
import { BillableMetric } from '../../db/entities/billable-metric.ts';
import { Charge } from '../../db/entities/charge.ts';
import { lockMetricCodes } from '../../db/queries/usage/metric-code-lock.ts';
import { sql } from '../../db/sql.ts';
import { metricJson } from '../../shapes/usage/billable-metric.ts';
import { realTime } from '../http/clock.ts';
import { metricDefinition, metricFilters, type MetricDefinition } from './definition.ts';
import type { MetricInput } from './schema.ts';

export interface SavedMetric {
  readonly metric: BillableMetric;
  /** Written in the same transaction. */
  readonly acts: readonly WantedAct[];
}

/** Whose metric, and when: the organization's clock. */
interface Scope {
  readonly organizationId: string;
  readonly now: Date;
}

/** How long a request waits while rollups of its metric are being rebuilt. */
const WAIT = '5s';

/** What decides which units an event has; rollups made by another definition are wrong. */
const meters = ({ code, aggregationType, fieldName }: MetricDefinition | BillableMetric): string =>
  JSON.stringify([code, aggregationType, fieldName ?? null]);

/**
 * Creates a metric in the caller's transaction; events of its code that are there already get rolled up in the background,
 * and are read raw until then.
 *
 * @throws Refusal 422, 403 as `metricDefinition`; 422 `code: value_already_exist`.
 */
export async function createMetric(
  em: EntityManager,
  { organizationId, now }: Scope,
  input: MetricInput,
): Promise<SavedMetric> {
  const definition = metricDefinition(input);
  await lockCodes(em, organizationId, [definition.code]);
  await refuseTakenCode(em, definition.code);
  const rolledUp = !(await hasEvents(em, organizationId, definition.code));
  const metric = em.create(BillableMetric, {
    id: v7(),
    organizationId,
    ...definition,
    rolledUp,
    createdAt: now,
    updatedAt: now,
  });
  await em.flush();
  await emit(em, 'billable_metric.created', metric, now);
  return { metric, acts: rolledUp ? [] : await rebuild(em, metric, now) };
}

/**
 * Changes a metric in the caller's transaction. While a charge of a plan uses it, only name, description and filters change
 * and the rest is ignored (spec, usage 1.8).
 *
 * @throws Refusal 404 `billable_metric_not_found`; 422, 403 as `createMetric`.
 */
export async function updateMetric(
  em: EntityManager,
  { organizationId, now }: Scope,
  code: string,
  input: MetricInput,
): Promise<SavedMetric> {
  await lockCodes(em, organizationId, [code, input.code ?? code]);
  const metric = await lockMetric(em, code);
  if (await isCharged(em, metric)) {
    em.assign(metric, {
      name: input.name ?? metric.name,
      description: input.description === undefined ? (metric.description ?? null) : input.description,
      filters: input.filters == null ? metric.filters : metricFilters(input.filters),
      updatedAt: now,
    });
    await em.flush();
    await emit(em, 'billable_metric.updated', metric, now);
    return { metric, acts: input.filters == null ? [] : await flagDrafts(em, metric, now) };
  }
  const definition = metricDefinition(input, metric);
  if (definition.code !== metric.code) await refuseTakenCode(em, definition.code);
  const stale = meters(definition) !== meters(metric) && (await hasEvents(em, organizationId, definition.code));
  em.assign(metric, { ...definition, rolledUp: metric.rolledUp && !stale, updatedAt: now });
  await em.flush();
  await emit(em, 'billable_metric.updated', metric, now);
  return { metric, acts: stale ? await rebuild(em, metric, now) : [] };
}

/**
 * Deletes a metric and its charges, also those of active subscriptions; events and fees stay (spec, usage 1.8).
 *
 * @throws Refusal 404 `billable_metric_not_found`.
 */
export async function deleteMetric(
  em: EntityManager,
  { organizationId, now }: Scope,
  code: string,
): Promise<SavedMetric> {
  await lockCodes(em, organizationId, [code]);
  const metric = await lockMetric(em, code);
  em.assign(metric, { deletedAt: now, updatedAt: now });
  await em.flush();
  await em.nativeUpdate(Charge, { billableMetricId: metric.id, deletedAt: null }, { deletedAt: now, updatedAt: now });
  await emit(em, 'billable_metric.deleted', metric, now);
  return { metric, acts: await flagDrafts(em, metric, now) };
}

/** Drafts that charge for the metric are made anew (spec, subscriptions-and-invoices 6.6). */
const flagDrafts = (
  em: EntityManager,
  { organizationId, id }: BillableMetric,
  now: Date,
): Promise<readonly WantedAct[]> =>
  flagDraftsOf(em, { organizationId, changed: { kind: 'billable_metric', id }, now, at: realTime() });

const emit = (
  em: EntityManager,
  type: 'billable_metric.created' | 'billable_metric.updated' | 'billable_metric.deleted',
  metric: BillableMetric,
  now: Date,
): Promise<void> =>
  emitWebhooks(em, { organizationId: metric.organizationId, now }, [type], () => [
    { type, objectId: metric.id, object: metricJson(metric) },
  ]);

/** Keeps events of these codes out until the end of the transaction, and every other change of their metrics. */
async function lockCodes(em: EntityManager, organizationId: string, codes: readonly string[]): Promise<void> {
  await sql(em, `select set_config('lock_timeout', $1, true)`, [WAIT]);
  await lockMetricCodes(em, organizationId, codes);
}

/** Keeps the metric as it is until the end of the transaction: no plan can start or stop using it meanwhile. */
async function lockMetric(em: EntityManager, code: string): Promise<BillableMetric> {
  const metric = await em.findOne(BillableMetric, { code, deletedAt: null }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!metric) throw notFound('billable_metric');
  return metric;
}

async function refuseTakenCode(em: EntityManager, code: string): Promise<void> {
  if ((await em.count(BillableMetric, { code, deletedAt: null })) > 0) throw invalid({ code: ['value_already_exist'] });
}

async function hasEvents(em: EntityManager, organizationId: string, code: string): Promise<boolean> {
  const rows = await sql(em, 'select 1 from events where organization_id = $1 and code = $2 limit 1', [
    organizationId,
    code,
  ]);
  return rows.length > 0;
}

async function isCharged(em: EntityManager, { organizationId, id }: BillableMetric): Promise<boolean> {
  const rows = await sql(
    em,
    `select 1 from charges join plans on plans.organization_id = charges.organization_id and plans.id = charges.plan_id
     where charges.organization_id = $1 and charges.billable_metric_id = $2
       and charges.deleted_at is null and plans.deleted_at is null
     limit 1`,
    [organizationId, id],
  );
  return rows.length > 0;
}

async function rebuild(em: EntityManager, metric: BillableMetric, now: Date): Promise<readonly WantedAct[]> {
  // Each definition needs a run of its own, also a second one at the same frozen moment: real time tells them apart.
  const { organizationId, id: billableMetricId } = metric;
  const act = rollupsAct({ organizationId, billableMetricId, now: realTime() });
  await wantActs(em, [act], now);
  return [act];
}
