import type { EntityManager } from '@mikro-orm/postgresql';
import type { Plan } from '../../entities/plan.ts';
import type { Subscription } from '../../entities/subscription.ts';
import { instantOf, sql } from '../../sql.ts';

/**
 * For subscriptions whose plan has a trial: the earliest start among the customer's subscriptions with the same external id,
 * from which the trial counts (spec, subscriptions-and-invoices 5.2). One query, and none where no plan has a trial.
 *
 * @returns by subscription id; absent: it does not matter.
 */
export async function initialStarts(
  em: EntityManager,
  subscriptions: readonly Subscription[],
  plans: readonly Plan[],
): Promise<ReadonlyMap<string, Date>> {
  const withTrial = new Set(plans.filter(({ trialPeriod }) => trialPeriod?.gt(0)).map(({ id }) => id));
  const asked = subscriptions.filter(({ planId }) => withTrial.has(planId));
  if (asked.length === 0) return new Map();
  const rows = await sql<{ id: string; start: string }>(
    em,
    `select mine.id, min(chain.started_at) as start
     from subscriptions mine join subscriptions chain
       on chain.organization_id = mine.organization_id and chain.customer_id = mine.customer_id
         and chain.external_id = mine.external_id
     where mine.id = any($1::uuid[]) and chain.started_at is not null
     group by mine.id`,
    [asked.map(({ id }) => id)],
  );
  return new Map(rows.map(({ id, start }) => [id, instantOf(start)]));
}
