import type { EntityManager } from '@mikro-orm/postgresql';
import { addedCharge } from '../../billing/plans/one-charge.ts';
import type { ChargeCommand } from '../../billing/plans/plan-command.ts';
import type { CommandScope } from '../command-scope.ts';
import { changeOneCharge, type SavedCharge } from './change-one-charge.ts';
import { splitsUsage } from './save-charges.ts';

/**
 * Adds a charge to a plan, after its others, in the caller's transaction.
 *
 * @throws Refusal as `changeOneCharge` and `addedCharge`.
 */
export const createCharge = (
  em: EntityManager,
  scope: CommandScope,
  planCode: string,
  command: ChargeCommand,
): Promise<SavedCharge> =>
  changeOneCharge(
    em,
    scope,
    { planCode, chargeCode: null },
    {
      billableMetricId: command.billableMetricId,
      pricingUnitCode: command.appliedPricingUnit?.code ?? null,
      splits: splitsUsage(command),
      taxCodes: command.taxCodes,
    },
    (_, charges) => addedCharge(command, charges),
  );
