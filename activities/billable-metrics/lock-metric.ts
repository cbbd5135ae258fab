import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../billing/refusal.ts';
import { BillableMetric } from '../../db/entities/usage/billable-metric.ts';

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
