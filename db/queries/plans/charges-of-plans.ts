import type { EntityManager } from '@mikro-orm/postgresql';
import type { StoredChargeFilter } from '../../../billing/charges/charge-split.ts';
import type { PricingUnit as PricingUnitFacts } from '../../../billing/charges/pricing-unit.ts';
import { BillableMetric } from '../../entities/usage/billable-metric.ts';
import { Charge } from '../../entities/plans/charge.ts';
import { PricingUnit } from '../../entities/plans/pricing-unit.ts';
import { sql } from '../../sql.ts';
import { joinedRows } from '../joined-rows.ts';
import { FILTERS, filtersOf, type FilterJson } from './filters-of-charges.ts';

export interface ChargeWithMetric {
  readonly charge: Charge;
  readonly billableMetric: BillableMetric;
  /** null: it says its prices in the currency. */
  readonly pricingUnit: PricingUnit | null;
  /** In the order of the charge's list. */
  readonly filters: readonly StoredChargeFilter[];
}

/** What the prices of a charge are said in; null: the currency. */
export function pricingUnitOf({ charge, pricingUnit }: ChargeWithMetric): PricingUnitFacts | null {
  if (pricingUnit === null || charge.pricingUnitRate == null) return null;
  const { id, code, shortName } = pricingUnit;
  return { id, code, shortName, conversionRate: charge.pricingUnitRate };
}

/** The charges of plans, in their order. */
export async function chargesOfPlans(
  em: EntityManager,
  organizationId: string,
  planIds: readonly string[],
): Promise<readonly ChargeWithMetric[]> {
  const joined = joinedRows(em);
  const rows = await sql<Record<string, unknown> & { filters: readonly FilterJson[] | null }>(
    em,
    `select ${joined.columns(Charge, 'charge')}, ${joined.columns(BillableMetric, 'metric')},
            ${joined.columns(PricingUnit, 'unit')}, ${FILTERS} as filters
     from charges charge join billable_metrics metric on metric.id = charge.billable_metric_id
     left join pricing_units unit on unit.id = charge.pricing_unit_id
     where charge.organization_id = $1 and charge.plan_id = any($2::uuid[]) and charge.deleted_at is null
     order by charge.position, charge.id`,
    [organizationId, planIds],
  );
  return rows.map((row) => ({
    charge: joined.take(Charge, 'charge', row)!,
    billableMetric: joined.take(BillableMetric, 'metric', row)!,
    pricingUnit: joined.take(PricingUnit, 'unit', row),
    filters: filtersOf(row.filters),
  }));
}
