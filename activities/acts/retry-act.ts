import type { EntityManager } from '@mikro-orm/postgresql';
import { notAllowed, notFound } from '../../billing/refusal.ts';
import { failedPeriodsOf } from '../../db/acts/find-acts.ts';
import { retryActs } from '../../db/acts/wake-acts.ts';
import type { StartableAct } from '../../db/acts/act.ts';
import { lockCustomer } from '../../db/customer-lock.ts';
import { Act } from '../../db/entities/acts/act.ts';
import { periodKind } from '../subscriptions/period-act.ts';

/**
 * Wants a failed act again, in the running transaction. A period's act is wanted with all that failed with it on its
 * day: an invoice is made whole, never with a part of its subscriptions.
 *
 * @returns what to start after the commit, the act itself first.
 * @throws Refusal 404 `workflow_not_found`; 405 `workflow_not_failed`; 422 `lock_acquisition_failed`.
 */
export async function retryAct(em: EntityManager, id: string): Promise<StartableAct[]> {
  const act = await em.findOne(Act, { id });
  if (!act) throw notFound('workflow');
  if (act.customerId != null) await lockCustomer(em, act.customerId);
  const { organizationId, customerId } = act;
  const billingDay = act.argument['billingDay'];
  const failedTogether =
    act.kind === periodKind.name && customerId != null && typeof billingDay === 'string'
      ? await failedPeriodsOf(em, { organizationId, customerId }, billingDay)
      : [];
  const ids = new Set([id, ...failedTogether]);
  const retried = await retryActs(em, [...ids]);
  if (!retried.some((other) => other.id === id)) throw notAllowed('workflow_not_failed');
  return retried.toSorted((one, other) => Number(other.id === id) - Number(one.id === id));
}
