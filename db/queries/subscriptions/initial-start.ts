import type { EntityManager } from '@mikro-orm/postgresql';
import type { PlanFacts } from '../../../billing/subscriptions/subscription-facts.ts';
import type { Subscription } from '../../entities/subscriptions/subscription.ts';
import { instantOf, sql } from '../../sql.ts';

/**
 * A subquery: the earliest start among the customer's subscriptions with the external id of a subscription, from which
 * a trial counts (spec, subscriptions-and-invoices 5.2).
 */
export const initialStartOf = (subscription: string): string => `
  select min(chain.started_at) from subscriptions chain
  where chain.organization_id = ${subscription}.organization_id and chain.customer_id = ${subscription}.customer_id
    and chain.external_id = ${subscription}.external_id`;

/** That of one subscription, where its plan has a trial; null: it does not matter, or none has started. */
export async function initialStart(
  em: EntityManager,
  { id, organizationId }: Pick<Subscription, 'id' | 'organizationId'>,
  { trialPeriod }: Pick<PlanFacts, 'trialPeriod'>,
): Promise<Date | null> {
  if (!trialPeriod?.gt(0)) return null;
  const [row] = await sql<{ start: string | null }>(
    em,
    `select (${initialStartOf('mine')}) as start from subscriptions mine
     where mine.organization_id = $1 and mine.id = $2`,
    [organizationId, id],
  );
  return instantOf(row?.start ?? null);
}
