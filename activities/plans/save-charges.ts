import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { v7, validate as isUuid } from 'uuid';
import { chargeListChange, wantedCharges } from '../../billing/plans/charge-list.ts';
import type { ChargeCommand } from '../../billing/plans/plan-command.ts';
import { BillableMetric } from '../../db/entities/billable-metric.ts';
import { Charge } from '../../db/entities/charge.ts';
import type { Plan } from '../../db/entities/plan.ts';
import type { ChargeWithMetric } from '../../shapes/plans/load-plans.ts';

/**
 * Makes the plan's charges those of the list, in the caller's transaction (spec, subscriptions-and-invoices 1.4).
 *
 * @param isLocked whether the plan has, or had, subscriptions: then model, code and metric of its charges stay.
 * @returns the charges as they are now, in the order of the list.
 * @throws Refusal as `wantedCharges`.
 */
export async function saveCharges(
  em: EntityManager,
  plan: Plan,
  commands: readonly ChargeCommand[],
  { isLocked, now }: { readonly isLocked: boolean; readonly now: Date },
): Promise<ChargeWithMetric[]> {
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
  return saved
    .toSorted((one, other) => one.position - other.position)
    .map((charge) => ({ charge, billableMetric: metrics.get(charge.billableMetricId)! }));
}

/** The metrics that the charges name, by id, held until the end of the transaction: none is deleted or redefined meanwhile. */
async function holdMetrics(
  em: EntityManager,
  commands: readonly ChargeCommand[],
  present: readonly Charge[],
): Promise<ReadonlyMap<string, BillableMetric>> {
  const named = [...commands, ...present].flatMap(({ billableMetricId: id }) =>
    id !== null && isUuid(id) ? [id] : [],
  );
  const metrics = await em.find(
    BillableMetric,
    { id: [...new Set(named)], deletedAt: null },
    { lockMode: LockMode.PESSIMISTIC_READ, orderBy: { id: 'asc' } },
  );
  return new Map(metrics.map((metric) => [metric.id, metric]));
}
