import type { EntityManager } from '@mikro-orm/postgresql';
import { notAllowed, notFound } from '../../billing/refusal.ts';
import type { StartableAct } from '../../db/acts/act.ts';
import { wakeAct } from '../../db/acts/wake-acts.ts';
import { Act } from '../../db/entities/acts/act.ts';
import type { CommandScope } from '../command-scope.ts';

/**
 * Has the workflow of a waiting act look at once, in the running transaction; one that is gone runs again. If its
 * moment has not come, it waits on. Only a last invoice does not: what still waits for late events is billed.
 *
 * @returns what to start after the commit.
 * @throws Refusal 404 `workflow_not_found`; 405 `workflow_not_waiting`.
 */
export async function wakeWorkflow(
  em: EntityManager,
  { organizationId }: Pick<CommandScope, 'organizationId'>,
  id: string,
): Promise<StartableAct> {
  const woken = await wakeAct(em, organizationId, id);
  if (woken) return woken;
  throw (await em.count(Act, { id })) === 0 ? notFound('workflow') : notAllowed('workflow_not_waiting');
}
