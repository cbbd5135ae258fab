import type { EntityManager } from '@mikro-orm/postgresql';
import { BillableMetric } from '../../db/entities/billable-metric.ts';
import { Charge } from '../../db/entities/charge.ts';
import { Plan } from '../../db/entities/plan.ts';
import type { ChargeWithMetric } from '../../db/queries/plans/charges-of-plans.ts';
import { rowsById } from '../../db/queries/rows-by-id.ts';

export type { ChargeWithMetric };

/** A plan with what its JSON shows. */
export interface PlanWithCharges {
  readonly plan: Plan;
  /** In the order of the plan's list. */
  readonly charges: readonly ChargeWithMetric[];
}

/** Plans by id with their charges, deleted plans included, in three queries at most however many they are. */
export async function loadPlans(
  em: EntityManager,
  planIds: readonly string[],
): Promise<ReadonlyMap<string, PlanWithCharges>> {
  const plans = await rowsById(em, Plan, planIds);
  return new Map((await withCharges(em, [...plans.values()])).map((loaded) => [loaded.plan.id, loaded]));
}

/** The same for plans that are loaded already, in their order: two queries at most. */
export async function withCharges(em: EntityManager, plans: readonly Plan[]): Promise<PlanWithCharges[]> {
  const charges = await em.find(
    Charge,
    { planId: plans.map((plan) => plan.id), deletedAt: null },
    { orderBy: { position: 'asc', createdAt: 'asc', id: 'asc' } },
  );
  const metricById = await rowsById(
    em,
    BillableMetric,
    charges.map((charge) => charge.billableMetricId),
  );
  const chargesByPlan = Map.groupBy(charges, (charge) => charge.planId);
  return plans.map((plan) => ({
    plan,
    charges: (chargesByPlan.get(plan.id) ?? []).map((charge) => ({
      charge,
      billableMetric: metricOf(metricById, charge),
    })),
  }));
}

/** The charges of one plan, in the order of its list. */
export const chargesOf = async (em: EntityManager, plan: Plan): Promise<readonly ChargeWithMetric[]> =>
  (await withCharges(em, [plan])).flatMap(({ charges }) => charges);

function metricOf(metrics: ReadonlyMap<string, BillableMetric>, charge: Charge): BillableMetric {
  const metric = metrics.get(charge.billableMetricId);
  if (!metric) throw new Error(`charge ${charge.id} has no billable metric`);
  return metric;
}
