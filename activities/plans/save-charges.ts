import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { v7, validate as isUuid } from 'uuid';
import { chargeSplit } from '../../billing/charges/charge-split.ts';
import { pricingGroupKeys } from '../../billing/charges/group-key-properties.ts';
import { chargeListChange, wantedCharges } from '../../billing/plans/charge-list.ts';
import type { ChargeCommand } from '../../billing/plans/plan-command.ts';
import { splittingKeys } from '../../billing/usage/buckets.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { BillableMetric } from '../../db/entities/usage/billable-metric.ts';
import { Charge } from '../../db/entities/plans/charge.ts';
import type { Plan } from '../../db/entities/plans/plan.ts';
import type { ChargeWithMetric } from '../../shapes/plans/load-plans.ts';
import { keepRollupsBy } from '../billable-metrics/redefine-metric.ts';
import type { CommandScope } from '../command-scope.ts';

/** What a command has made of the charges of a plan. */
interface SavedCharges {
  readonly charges: readonly ChargeWithMetric[];
  /** Written in the same transaction, to be started once it has committed. */
  readonly acts: readonly WantedAct[];
}

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
  const { now } = scope;
  const present = await em.find(Charge, { planId: plan.id, deletedAt: null });
  const metrics = await holdMetrics(em, commands, present);
  const change = chargeListChange(present, wantedCharges(commands, present, metrics, { isLocked }));

  // First, so that the codes of the deleted ones are free.
  await em.nativeUpdate(Charge, { id: [...change.drop] }, { deletedAt: now, updatedAt: now });
  const rows = new Map(present.map((charge) => [charge.id, charge]));
  const { id: planId, organizationId } = plan;
  const saved = [
    ...change.keep.map((id) => rows.get(id)!),
    ...change.change.map(({ id, ...terms }) => em.assign(rows.get(id)!, { ...terms, updatedAt: now })),
    ...change.add.map((terms) =>
      em.create(Charge, { id: v7(), organizationId, planId, ...terms, createdAt: now, updatedAt: now }),
    ),
  ];
  await em.flush();
  const charges = saved
    .toSorted((one, other) => one.position - other.position)
    .map((charge) => ({ charge, billableMetric: metrics.get(charge.billableMetricId)! }));
  return { charges, acts: await keepRollups(em, scope, charges) };
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
    const keys = charged.flatMap(({ charge }) => splittingKeys(chargeSplit(charge, [], metric.filters)));
    acts.push(...(await keepRollupsBy(em, scope, metric, keys)));
  }
  return acts;
}

/**
 * The metrics that the charges name, by id, held until the end of the transaction: none is deleted or redefined
 * meanwhile. Charges that split usage may redefine them: then nobody else holds them, or two would wait for each
 * other.
 */
async function holdMetrics(
  em: EntityManager,
  commands: readonly ChargeCommand[],
  present: readonly Charge[],
): Promise<ReadonlyMap<string, BillableMetric>> {
  const named = [...commands, ...present].flatMap(({ billableMetricId: id }) =>
    id !== null && isUuid(id) ? [id] : [],
  );
  const splits = commands.some(({ properties }) => pricingGroupKeys(properties).length > 0);
  const metrics = await em.find(
    BillableMetric,
    { id: [...new Set(named)], deletedAt: null },
    { lockMode: splits ? LockMode.PESSIMISTIC_WRITE : LockMode.PESSIMISTIC_READ, orderBy: { id: 'asc' } },
  );
  return new Map(metrics.map((metric) => [metric.id, metric]));
}
