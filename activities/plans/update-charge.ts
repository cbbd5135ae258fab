import type { EntityManager } from '@mikro-orm/postgresql';
import { changedCharge } from '../../billing/plans/one-charge.ts';
import type { ChargeCommand } from '../../billing/plans/plan-command.ts';
import type { CommandScope } from '../command-scope.ts';
import { changeOneCharge, type SavedCharge } from './change-one-charge.ts';
import { splitsUsage } from './save-charges.ts';

/**
 * Changes a charge of a plan in the caller's transaction; what stays once the plan had subscriptions,
 * `changedChargeTerms` says.
 *
 * @throws Refusal as `changeOneCharge` and `changedCharge`.
 */
export const updateCharge = (
  em: EntityManager,
  scope: CommandScope,
  address: { readonly planCode: string; readonly chargeCode: string },
  command: ChargeCommand,
): Promise<SavedCharge> =>
  changeOneCharge(
    em,
    scope,
    address,
    {
      billableMetricId: command.billableMetricId,
      pricingUnitCode: command.appliedPricingUnit?.code ?? null,
      splits: splitsUsage(command),
      taxCodes: command.taxCodes,
    },
    (charge, charges, plan) => changedCharge(charge!, command, charges, plan),
  );
