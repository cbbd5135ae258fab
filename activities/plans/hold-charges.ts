import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { validate as isUuid } from 'uuid';
import type { PresentCharge } from '../../billing/plans/charge-list.ts';
import type { PricingUnitIds } from '../../billing/plans/charge-pricing-unit.ts';
import type { Charge } from '../../db/entities/plans/charge.ts';
import type { Plan } from '../../db/entities/plans/plan.ts';
import type { PricingUnit } from '../../db/entities/plans/pricing-unit.ts';
import type { BillableMetric } from '../../db/entities/usage/billable-metric.ts';
import { pricingUnitsOf } from '../../db/queries/plans/pricing-units.ts';
import { chargesToChange, holdMetricsOf, type ChangingCharge } from '../../db/queries/plans/charges-to-change.ts';

/** What the charges of a command name, as its request has it. */
export interface NamedByCharges {
  readonly metricIds: readonly (string | null)[];
  readonly pricingUnitCodes: readonly string[];
}

/** The charges of a plan while a command changes them. */
export interface HeldCharges {
  readonly plan: Plan;
  /** In their order. */
  readonly present: readonly PresentCharge[];
  readonly rows: ReadonlyMap<string, Charge>;
  /** By id: those of the charges, and those that the command names. */
  readonly metrics: ReadonlyMap<string, BillableMetric>;
  /** Ids by codes: those of the charges, and those that the command names. */
  readonly pricingUnits: PricingUnitIds;
  /** By id. */
  readonly pricingUnitRows: ReadonlyMap<string, PricingUnit>;
}

/**
 * Holds the charges of a plan and their metrics until the end of the transaction. The caller has locked the plan.
 *
 * @param named what charges are to have.
 * @param splits whether charges may be about to split usage by what they did not split it by before: then the metrics
 *   are redefined, and nobody else holds them.
 */
export async function holdCharges(
  em: EntityManager,
  plan: Plan,
  { metricIds, pricingUnitCodes }: NamedByCharges,
  { splits }: { readonly splits: boolean },
): Promise<HeldCharges> {
  const ids = metricIds.filter((id) => id !== null && isUuid(id)) as string[];
  const lockMode = splits ? LockMode.PESSIMISTIC_WRITE : LockMode.PESSIMISTIC_READ;
  const metrics = await holdMetricsOf(em, plan, [...new Set(ids)], lockMode);
  const changing = await chargesToChange(em, plan);
  const unitIds = changing.flatMap(({ charge }) => charge.pricingUnitId ?? []);
  const units = await pricingUnitsOf(em, { codes: pricingUnitCodes, ids: unitIds });
  return {
    plan,
    present: changing.map(presentCharge),
    rows: new Map(changing.map(({ charge }) => [charge.id, charge])),
    metrics,
    pricingUnits: new Map(units.map(({ id, code }) => [code, id])),
    pricingUnitRows: new Map(units.map((unit) => [unit.id, unit])),
  };
}

const presentCharge = ({ charge, filters }: ChangingCharge): PresentCharge => ({
  id: charge.id,
  billableMetricId: charge.billableMetricId,
  code: charge.code,
  chargeModel: charge.chargeModel,
  properties: charge.properties,
  invoiceDisplayName: charge.invoiceDisplayName,
  minAmountCents: charge.minAmountCents,
  position: charge.position,
  payInAdvance: charge.payInAdvance,
  invoiceable: charge.invoiceable,
  prorated: charge.prorated,
  pricingUnitId: charge.pricingUnitId ?? null,
  pricingUnitRate: charge.pricingUnitRate ?? null,
  regroupPaidFees: charge.regroupPaidFees,
  filters,
});
