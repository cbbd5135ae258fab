import type { EntityManager } from '@mikro-orm/postgresql';
import type { BillableMetric } from '../../db/entities/usage/billable-metric.ts';
import { metricJson } from '../../shapes/billable-metrics/billable-metric.ts';
import { emitWebhooks } from '../webhooks/emit-webhooks.ts';

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
