import type { EntityManager } from '@mikro-orm/postgresql';
import { lockMetricCodes } from '../../db/queries/usage/metric-code-lock.ts';
import {
  deleteRollups,
  insertRollups,
  isCodeMetered,
  markRolledUp,
  meteringOf,
  type Metering,
} from '../../db/queries/usage/rollups.ts';

/** How often a metric may change its code before it is locked, until the activity's next try takes over. */
const ATTEMPTS = 5;

/**
 * Rolls up the events of a metric's code from scratch, by the metric's present definition; from then on usage is read
 * from the rollups. Harmless to repeat. Of a deleted metric the rollups go, unless a new one has taken its code. Events
 * of the code that arrive meanwhile wait for the end of the caller's transaction.
 */
export async function rebuildRollups(
  em: EntityManager,
  organizationId: string,
  billableMetricId: string,
): Promise<void> {
  await em.transactional(async (transaction) => {
    let metric = await meteringOf(transaction, organizationId, billableMetricId);
    for (let attempt = 1; metric && attempt <= ATTEMPTS; attempt++) {
      const { code } = metric;
      await lockMetricCodes(transaction, organizationId, [code]);
      metric = await meteringOf(transaction, organizationId, billableMetricId);
      if (metric?.code === code) return rebuild(transaction, organizationId, metric);
    }
    if (metric) throw new Error(`Billable metric ${billableMetricId} changes its code all the time`);
  });
}

/** The code is locked: the events stay as they are. The definition may still get new keys (`markRolledUp`). */
async function rebuild(em: EntityManager, organizationId: string, metric: Metering): Promise<void> {
  if (metric.deleted && (await isCodeMetered(em, organizationId, metric.code))) return;
  await deleteRollups(em, organizationId, metric.code);
  if (metric.deleted) return;
  await insertRollups(em, organizationId, metric);
  await markRolledUp(em, organizationId, metric);
}
