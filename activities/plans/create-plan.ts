import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { refuseUnavailableParts, type PlanCommand } from '../../billing/plans/plan-command.ts';
import { newPlanTerms } from '../../billing/plans/plan-terms.ts';
import { Plan } from '../../db/entities/plans/plan.ts';
import type { CommandScope } from '../command-scope.ts';
import { refuseTakenCode } from '../refuse-taken-code.ts';
import { saveCharges } from './save-charges.ts';
import { announcePlan } from './announce-plan.ts';
import type { SavedPlan } from './saved-plan.ts';
import { saveTaxes } from './save-taxes.ts';

/**
 * Creates a plan with its charges, in the caller's transaction.
 *
 * @throws Refusal as `refuseUnavailableParts`, `saveCharges` and `saveTaxes`; 422 `code: value_already_exist`.
 */
export async function createPlan(em: EntityManager, scope: CommandScope, command: PlanCommand): Promise<SavedPlan> {
  const { organizationId, now } = scope;
  refuseUnavailableParts(command);
  const terms = newPlanTerms(command.terms);
  await refuseTakenCode(em, Plan, { code: terms.code, parentId: null, deletedAt: null });
  const plan = em.create(Plan, { id: v7(), organizationId, ...terms, createdAt: now, updatedAt: now });
  const { charges, acts } = await saveCharges(em, plan, command.charges, scope, { isLocked: false });
  const saved = { plan, charges, taxes: await saveTaxes(em, scope, { plan, charges }, command) };
  await announcePlan(em, 'plan.created', saved, now);
  return { plan: saved, acts };
}
