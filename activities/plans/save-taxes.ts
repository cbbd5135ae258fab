import type { EntityManager } from '@mikro-orm/postgresql';
import type { PlanCommand, PlanUpdateCommand } from '../../billing/plans/plan-command.ts';
import type { TaxesByOwner } from '../../db/queries/taxes/attached-taxes.ts';
import { taxesOfPlans, type PlanWithCharges } from '../../shapes/plans/load-plans.ts';
import type { CommandScope } from '../command-scope.ts';
import { attachTaxes, type TaxCodes } from '../taxes/attach-taxes.ts';

/**
 * Gives a plan and its charges the taxes that a command names, in the caller's transaction; what it does not name keeps
 * its own (spec, money 1.2).
 *
 * @param saved the charges in the order of the command's, which made them; where it names none, all that there are.
 * @returns the taxes of the plan and its charges as they are now.
 * @throws Refusal 404 `tax_not_found`.
 */
export async function saveTaxes(
  em: EntityManager,
  scope: CommandScope,
  { plan, charges }: Omit<PlanWithCharges, 'taxes'>,
  command: PlanCommand | PlanUpdateCommand,
): Promise<TaxesByOwner> {
  const named: TaxCodes[] = (command.charges ?? []).flatMap(({ taxCodes: codes }, index) =>
    codes === null ? [] : [{ kind: 'charge', ownerId: charges[index]!.charge.id, codes }],
  );
  if (command.taxCodes !== null) named.push({ kind: 'plan', ownerId: plan.id, codes: command.taxCodes });
  await attachTaxes(em, scope, named);
  return taxesOfPlans(
    em,
    [plan],
    charges.map(({ charge }) => charge),
  );
}
