import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { chargeSplit, type StoredChargeFilter } from '../../billing/charges/charge-split.ts';
import { filterListChange, type WantedChargeFilter } from '../../billing/plans/charge-filter-list.ts';
import type { ChargeListChange } from '../../billing/plans/charge-list.ts';
import { splittingKeys } from '../../billing/usage/buckets.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { Charge } from '../../db/entities/plans/charge.ts';
import { ChargeFilter } from '../../db/entities/plans/charge-filter.ts';
import type { ChargeWithMetric } from '../../shapes/plans/load-plans.ts';
import { keepRollupsBy } from '../billable-metrics/redefine-metric.ts';
import type { CommandScope } from '../command-scope.ts';
import type { HeldCharges } from './hold-charges.ts';

/** What a command has made of the charges of a plan. */
export interface SavedCharges {
  /** In their order. */
  readonly charges: readonly ChargeWithMetric[];
  /** Written in the same transaction, to be started once it has committed. */
  readonly acts: readonly WantedAct[];
}

/** Writes what becomes of the charges of a plan and of their filters, in as many statements as for one. */
export async function writeCharges(
  em: EntityManager,
  scope: CommandScope,
  { plan, present, rows, metrics, pricingUnitRows }: HeldCharges,
  change: ChargeListChange,
): Promise<SavedCharges> {
  const { now } = scope;
  const { id: planId, organizationId } = plan;
  const filtersOf = new Map(present.map(({ id, filters }) => [id, filters]));

  // First, so that the codes of the deleted ones are free.
  if (change.drop.length > 0) {
    await em.nativeUpdate(Charge, { id: [...change.drop] }, { deletedAt: now, updatedAt: now });
  }
  const kept = change.keep.map((id) => ({ charge: rows.get(id)!, filters: filtersOf.get(id)! }));
  const changed = change.change.map(({ id, filters, ...terms }) => ({
    charge: em.assign(rows.get(id)!, { ...terms, updatedAt: now }),
    wanted: filters,
  }));
  const added = change.add.map(({ filters, ...terms }) => ({
    charge: em.create(Charge, { id: v7(), organizationId, planId, ...terms, createdAt: now, updatedAt: now }),
    wanted: filters,
  }));
  await em.flush();
  const filtered = [...changed, ...added].map(({ charge, wanted }) => ({
    charge,
    present: filtersOf.get(charge.id) ?? [],
    wanted: wanted.map((filter) => ({ ...filter, id: filter.id ?? v7() })),
  }));
  const saved = [...kept, ...(await writeFilters(em, scope, filtered))];
  const charges = saved
    .toSorted((one, other) => one.charge.position - other.charge.position)
    .map(({ charge, filters }) => ({
      charge,
      filters,
      billableMetric: metrics.get(charge.billableMetricId)!,
      pricingUnit: pricingUnitRows.get(charge.pricingUnitId ?? '') ?? null,
    }));
  return { charges, acts: await keepRollups(em, scope, charges) };
}

/** A charge whose filters are to be written. */
interface FilteredCharge {
  readonly charge: Charge;
  readonly present: readonly StoredChargeFilter[];
  readonly wanted: readonly (WantedChargeFilter & { readonly id: string })[];
}

/** Filters that stay as they are, are not written. */
async function writeFilters(
  em: EntityManager,
  { now }: CommandScope,
  charges: readonly FilteredCharge[],
): Promise<readonly { readonly charge: Charge; readonly filters: readonly StoredChargeFilter[] }[]> {
  const createdAt = new Map(charges.flatMap(({ present }) => present.map((filter) => [filter.id, filter.createdAt])));
  const createdOf = (id: string): Date => createdAt.get(id) ?? now;
  const changes = charges.map((one) => ({ charge: one.charge, ...filterListChange(one.present, one.wanted) }));
  const dropped = changes.flatMap(({ drop }) => drop);
  if (dropped.length > 0) {
    await em.nativeUpdate(ChargeFilter, { id: dropped }, { deletedAt: now, updatedAt: now });
  }
  const written = changes.flatMap(({ charge, save }) =>
    save.map(({ id, values, properties, invoiceDisplayName, position }) => ({
      id: id!,
      organizationId: charge.organizationId,
      chargeId: charge.id,
      values,
      properties,
      invoiceDisplayName,
      position,
      createdAt: createdOf(id!),
      updatedAt: now,
    })),
  );
  if (written.length > 0) await em.upsertMany(ChargeFilter, written, { onConflictFields: ['id'] });
  return charges.map(({ charge, wanted }) => ({
    charge,
    filters: wanted.map((filter) => ({ ...filter, createdAt: createdOf(filter.id) })),
  }));
}

/**
 * What splits the usage of the charges splits the rollups of their metrics; nearly always they are split like that
 * already.
 */
async function keepRollups(
  em: EntityManager,
  scope: CommandScope,
  charges: readonly ChargeWithMetric[],
): Promise<readonly WantedAct[]> {
  const acts: WantedAct[] = [];
  for (const [metric, charged] of Map.groupBy(charges, ({ billableMetric }) => billableMetric)) {
    const keys = charged.flatMap(({ charge, filters }) => splittingKeys(chargeSplit(charge, filters, metric.filters)));
    acts.push(...(await keepRollupsBy(em, scope, metric, keys)));
  }
  return acts;
}
