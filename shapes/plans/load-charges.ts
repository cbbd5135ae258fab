import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../billing/refusal.ts';
import { Plan } from '../../db/entities/plans/plan.ts';
import { chargesOfPlans, type ChargeWithMetric } from '../../db/queries/plans/charges-of-plans.ts';
import { shownTaxesOf, type TaxesByOwner } from '../../db/queries/taxes/attached-taxes.ts';
import { pageOfRows } from '../page-of-rows.ts';

/** Charges with what their JSON shows. */
interface LoadedCharges {
  readonly charges: readonly ChargeWithMetric[];
  readonly taxes: TaxesByOwner;
  readonly total: number;
}

/**
 * A page of the charges of a plan of the catalogue, the newest first.
 *
 * @throws Refusal 404 `plan_not_found`.
 */
export async function chargesOfPlan(
  em: EntityManager,
  planCode: string,
  page: { readonly offset: number; readonly limit: number },
): Promise<LoadedCharges> {
  const { organizationId, all } = await allCharges(em, planCode);
  const byId = new Map(all.map((charged) => [charged.charge.id, charged]));
  const shown = pageOfRows(
    all.map(({ charge }) => charge),
    page,
  );
  const ids = shown.map(({ id }) => id);
  return {
    charges: ids.map((id) => byId.get(id)!),
    taxes: await shownTaxesOf(em, organizationId, ids),
    total: all.length,
  };
}

/**
 * One charge of a plan of the catalogue, by their codes.
 *
 * @throws Refusal 404 `plan_not_found`, `charge_not_found`.
 */
export async function chargeOfPlan(
  em: EntityManager,
  { planCode, chargeCode }: { readonly planCode: string; readonly chargeCode: string },
): Promise<{ readonly charge: ChargeWithMetric; readonly taxes: TaxesByOwner }> {
  const { organizationId, all } = await allCharges(em, planCode);
  const charge = all.find((one) => one.charge.code === chargeCode);
  if (!charge) throw notFound('charge');
  return { charge, taxes: await shownTaxesOf(em, organizationId, [charge.charge.id]) };
}

async function allCharges(em: EntityManager, planCode: string) {
  const plan = await em.findOne(Plan, { code: planCode, parentId: null, deletedAt: null });
  if (!plan) throw notFound('plan');
  return { organizationId: plan.organizationId, all: await chargesOfPlans(em, plan.organizationId, [plan.id]) };
}
