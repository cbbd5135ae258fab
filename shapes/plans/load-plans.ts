import type { EntityManager } from '@mikro-orm/postgresql';
import type { Charge } from '../../db/entities/plans/charge.ts';
import { Plan } from '../../db/entities/plans/plan.ts';
import { chargesOfPlans, type ChargeWithMetric } from '../../db/queries/plans/charges-of-plans.ts';
import { rowsById } from '../../db/queries/rows-by-id.ts';
import { shownTaxesOf, type TaxesByOwner } from '../../db/queries/taxes/attached-taxes.ts';

export type { ChargeWithMetric };

/** A plan with what its JSON shows. */
export interface PlanWithCharges {
  readonly plan: Plan;
  /** In the order of the plan's list. */
  readonly charges: readonly ChargeWithMetric[];
  /** By the ids of the plan and its charges. */
  readonly taxes: TaxesByOwner;
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
  if (plans[0] === undefined) return [];
  const ids = plans.map(({ id }) => id);
  const charges = await chargesOfPlans(em, plans[0].organizationId, ids);
  const taxes = await taxesOfPlans(
    em,
    plans,
    charges.map(({ charge }) => charge),
  );
  const chargesByPlan = Map.groupBy(charges, ({ charge }) => charge.planId);
  return plans.map((plan) => ({ plan, charges: chargesByPlan.get(plan.id) ?? [], taxes }));
}

/** One plan with its charges. */
export async function planWithCharges(em: EntityManager, plan: Plan): Promise<PlanWithCharges> {
  const [loaded] = await withCharges(em, [plan]);
  return loaded!;
}

/** The taxes of plans and of their charges, by the ids of both. */
export const taxesOfPlans = async (
  em: EntityManager,
  plans: readonly Plan[],
  charges: readonly Charge[],
): Promise<TaxesByOwner> =>
  plans[0]
    ? shownTaxesOf(
        em,
        plans[0].organizationId,
        [...plans, ...charges].map(({ id }) => id),
      )
    : new Map();
