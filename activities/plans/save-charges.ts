import type { EntityManager } from '@mikro-orm/postgresql';
import { presentationKeys, pricingGroupKeys } from '../../billing/charges/group-key-properties.ts';
import { chargeListChange, wantedCharges } from '../../billing/plans/charge-list.ts';
import type { ChargeCommand } from '../../billing/plans/plan-command.ts';
import type { Plan } from '../../db/entities/plans/plan.ts';
import type { CommandScope } from '../command-scope.ts';
import { holdCharges } from './hold-charges.ts';
import { writeCharges, type SavedCharges } from './write-charges.ts';

/**
 * Makes the plan's charges those of the list, in the caller's transaction (spec, subscriptions-and-invoices 1.4).
 *
 * @param isLocked whether the plan has, or had, subscriptions: then model, code and metric of its charges stay.
 * @returns the charges as they are now, in the order of the list, and the acts that rebuild rollups for them.
 * @throws Refusal as `wantedCharges`.
 */
export async function saveCharges(
  em: EntityManager,
  plan: Plan,
  commands: readonly ChargeCommand[],
  scope: CommandScope,
  { isLocked }: { readonly isLocked: boolean },
): Promise<SavedCharges> {
  const named = {
    metricIds: commands.map(({ billableMetricId }) => billableMetricId),
    pricingUnitCodes: commands.flatMap(({ appliedPricingUnit }) => appliedPricingUnit?.code ?? []),
  };
  const held = await holdCharges(em, plan, named, { splits: commands.some(splitsUsage) });
  const wanted = wantedCharges(commands, held.present, held, { isLocked });
  return writeCharges(em, scope, held, chargeListChange(held.present, wanted));
}

/** Whether a charge may ask for usage apart that was read as one before. */
export const splitsUsage = ({ properties, filters }: Pick<ChargeCommand, 'properties' | 'filters'>): boolean =>
  pricingGroupKeys(properties).length > 0 || presentationKeys(properties).length > 0 || (filters ?? []).length > 0;
