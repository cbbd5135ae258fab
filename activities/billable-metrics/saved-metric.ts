import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../billing/refusal.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { BillableMetric } from '../../db/entities/billable-metric.ts';
import { metricJson } from '../../shapes/billable-metrics/billable-metric.ts';
import { emitWebhooks } from '../webhooks/emit-webhooks.ts';

/** What a command has made of a billable metric. */
export interface SavedMetric {
  readonly metric: BillableMetric;
  /** Written in the same transaction, to be started once it has committed. */
  readonly acts: readonly WantedAct[];
}

/**
 * A metric as it stays until the end of the transaction: no plan can start or stop using it meanwhile.
 *
 * @throws Refusal 404 `billable_metric_not_found`.
 */
export async function lockMetric(em: EntityManager, code: string): Promise<BillableMetric> {
  const metric = await em.findOne(BillableMetric, { code, deletedAt: null }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!metric) throw notFound('billable_metric');
  return metric;
}

/** Writes the webhook about a metric that is flushed. @param now the organization's clock. */
export const announceMetric = (
  em: EntityManager,
  type: 'billable_metric.created' | 'billable_metric.updated' | 'billable_metric.deleted',
  metric: BillableMetric,
  now: Date,
): Promise<void> =>
  emitWebhooks(em, { organizationId: metric.organizationId, now }, [type], () => [
    { type, objectId: metric.id, object: metricJson(metric) },
  ]);
