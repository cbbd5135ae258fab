import type { EntityManager } from '@mikro-orm/postgresql';
import type { StoredChargeFilter } from '../../billing/charges/charge-split.ts';
import type { ChargeFilterCommand } from '../../billing/plans/charge-filter-terms.ts';
import type { ChargeListChange, PresentCharge } from '../../billing/plans/charge-list.ts';
import {
  addedFilter,
  changedFilter,
  droppedFilter,
  filterById,
  type ChargeFilterChange,
  type PlanCharges,
} from '../../billing/plans/one-charge.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { Charge } from '../../db/entities/plans/charge.ts';
import type { CommandScope } from '../command-scope.ts';
import { changeOneCharge } from './change-one-charge.ts';

/** What a command has made of a filter. */
export interface SavedChargeFilter {
  readonly charge: Charge;
  readonly filter: StoredChargeFilter;
  /** Written in the same transaction, to be started once it has committed. */
  readonly acts: readonly WantedAct[];
}

/** Whose filters. */
export interface FiltersAddress {
  readonly planCode: string;
  readonly chargeCode: string;
}

/**
 * Adds a filter to a charge, after its others, in the caller's transaction.
 *
 * @throws Refusal as `changeOneCharge` and `addedFilter`.
 */
export async function createChargeFilter(
  em: EntityManager,
  scope: CommandScope,
  address: FiltersAddress,
  command: ChargeFilterCommand,
): Promise<SavedChargeFilter> {
  const use = { billableMetricId: null, pricingUnitCode: null, splits: true, taxCodes: null };
  const { charge, acts } = await changeOneCharge(em, scope, address, use, (present, charges) =>
    addedFilter(present!, command, charges),
  );
  return { charge: charge.charge, filter: charge.filters.at(-1)!, acts };
}

/**
 * Changes a filter of a charge in the caller's transaction.
 *
 * @throws Refusal 404 `charge_filter_not_found`; as `changeOneCharge` and `changedFilter`.
 */
export async function updateChargeFilter(
  em: EntityManager,
  scope: CommandScope,
  address: FiltersAddress & { readonly filterId: string },
  change: ChargeFilterChange,
): Promise<SavedChargeFilter> {
  const { found, charge, acts } = await changeFound(em, scope, address, true, (present, filter, charges) =>
    changedFilter(present, filter, change, charges),
  );
  return { charge: charge.charge, filter: charge.filters.find(({ id }) => id === found.id)!, acts };
}

/**
 * Takes a filter out of a charge in the caller's transaction; its fees stay.
 *
 * @throws Refusal 404 `charge_filter_not_found`; as `changeOneCharge`.
 */
export async function deleteChargeFilter(
  em: EntityManager,
  scope: CommandScope,
  address: FiltersAddress & { readonly filterId: string },
): Promise<SavedChargeFilter> {
  const { found, charge, acts } = await changeFound(em, scope, address, false, droppedFilter);
  return { charge: charge.charge, filter: found, acts };
}

async function changeFound(
  em: EntityManager,
  scope: CommandScope,
  { filterId, ...address }: FiltersAddress & { readonly filterId: string },
  splits: boolean,
  decide: (charge: PresentCharge, filter: StoredChargeFilter, charges: PlanCharges) => ChargeListChange,
) {
  const found: StoredChargeFilter[] = [];
  const use = { billableMetricId: null, pricingUnitCode: null, splits, taxCodes: null };
  const saved = await changeOneCharge(em, scope, address, use, (charge, charges) => {
    const filter = filterById(charge!.filters, filterId);
    found.push(filter);
    return decide(charge!, filter, charges);
  });
  return { ...saved, found: found[0]! };
}
