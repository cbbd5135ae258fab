import type { EntityManager } from '@mikro-orm/postgresql';
import { Charge } from '../../db/entities/plans/charge.ts';
import { lockMetricCodesBriefly } from '../../db/queries/usage/metric-code-lock.ts';
import type { CommandScope } from '../command-scope.ts';
import { flagDraftsOf } from '../invoices/flag-drafts.ts';
import { announceMetric } from './announce-metric.ts';
import { lockMetric } from './lock-metric.ts';
import type { SavedMetric } from './saved-metric.ts';

/**
 * Deletes a metric and its charges in the caller's transaction, also those of active subscriptions; events and fees
 * stay (spec, usage 1.8). Drafts that charge for it are refreshed (spec, subscriptions-and-invoices 6.6).
 *
 * @throws Refusal 404 `billable_metric_not_found`.
 */
export async function deleteMetric(
  em: EntityManager,
  { organizationId, now, realTime }: CommandScope,
  code: string,
): Promise<SavedMetric> {
  await lockMetricCodesBriefly(em, organizationId, [code]);
  const metric = await lockMetric(em, code);
  em.assign(metric, { deletedAt: now, updatedAt: now });
  await em.flush();
  await em.nativeUpdate(Charge, { billableMetricId: metric.id, deletedAt: null }, { deletedAt: now, updatedAt: now });
  await announceMetric(em, 'billable_metric.deleted', metric, now);
  const changed = { kind: 'billable_metric', id: metric.id } as const;
  return { metric, acts: await flagDraftsOf(em, { organizationId, changed, now, at: realTime }) };
}
