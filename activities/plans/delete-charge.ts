import type { EntityManager } from '@mikro-orm/postgresql';
import { droppedCharge } from '../../billing/plans/one-charge.ts';
import type { CommandScope } from '../command-scope.ts';
import { changeOneCharge, type SavedCharge } from './change-one-charge.ts';

/**
 * Takes a charge out of a plan in the caller's transaction; its fees stay (spec, usage 3.2).
 *
 * @throws Refusal as `changeOneCharge`.
 */
export const deleteCharge = (
  em: EntityManager,
  scope: CommandScope,
  address: { readonly planCode: string; readonly chargeCode: string },
): Promise<SavedCharge> =>
  changeOneCharge(
    em,
    scope,
    address,
    { billableMetricId: null, pricingUnitCode: null, splits: false, taxCodes: null },
    (charge, charges) => droppedCharge(charge!, charges),
  );
