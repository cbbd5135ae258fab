import { z } from 'zod';
import {
  passedPart,
  projectedFee,
  projectedUnits,
  unchangedFee,
  type Projection,
} from '../../billing/fees/projected-fee.ts';
import { centsToNumber, isWithinJsonRange } from '../../billing/money/cents.ts';
import { plainDecimal, ZERO } from '../../billing/money/decimal.ts';
import { invalid } from '../../billing/refusal.ts';
import type { PresentedUnits } from '../../billing/usage/presentation.ts';
import {
  chargeUsageSchema,
  currentUsageJson,
  customerUsageSchema,
  feesByFilter,
  feesByGroup,
  filterUsageSchema,
  groupUsageSchema,
  pricingUnitUsageSchema,
  type CurrentUsage,
  type UsageLine,
  type UsedCharge,
} from './current-usage.ts';
import { presentationBreakdownsSchema, presentationOfUsage } from './presentation-breakdowns.ts';

const projectedPricingUnitSchema = pricingUnitUsageSchema
  .unwrap()
  .extend({ projected_amount_cents: z.int() })
  .nullable();

const projected = {
  pricing_unit_details: projectedPricingUnitSchema,
  projected_units: z.string().meta({ examples: ['8.0'] }),
  projected_amount_cents: z.int(),
  projected_presentation_breakdowns: presentationBreakdownsSchema,
};

const projectedFilterSchema = filterUsageSchema
  .omit({ total_aggregated_units: true })
  .extend(projected)
  .meta({ id: 'ProjectedFilterUsage' });

const projectedGroupSchema = groupUsageSchema
  .omit({ total_aggregated_units: true })
  .extend({ ...projected, filters: z.array(projectedFilterSchema) })
  .meta({ id: 'ProjectedGroupUsage' });

const projectedChargeSchema = chargeUsageSchema
  .omit({ total_aggregated_units: true })
  .extend({
    ...projected,
    charge: chargeUsageSchema.shape.charge.omit({ code: true }),
    filters: z.array(projectedFilterSchema),
    grouped_usage: z.array(projectedGroupSchema),
  })
  .meta({ id: 'ProjectedChargeUsage' });

export const projectedUsageSchema = customerUsageSchema
  .extend({ projected_amount_cents: z.int(), charges_usage: z.array(projectedChargeSchema) })
  .meta({ id: 'ProjectedUsage' });

type ProjectedUsageJson = z.infer<typeof projectedUsageSchema>;
type ChargeUsageJson = z.infer<typeof chargeUsageSchema>;

/** A fee of the usage so far, with what it will be. */
interface ProjectedLine extends UsageLine {
  readonly projection: Projection;
  /** Its units by presentation keys, drawn out in the same way. */
  readonly projectedParts: readonly PresentedUnits[];
}

/**
 * What a running period has used, and what it will have used at its end if usage goes on as it has (spec, usage 7.3).
 *
 * @throws Refusal 422 `amount_cents: value_is_out_of_range` as `currentUsageJson`, also for what is projected.
 */
export function projectedUsageJson(usage: CurrentUsage, now: Date): ProjectedUsageJson {
  const part = passedPart({ ...usage.window, timeZone: usage.timeZone }, now);
  const lines = usage.charges.map(({ fees, pricings, billableMetric }) =>
    fees.map((fee, index): ProjectedLine => {
      const isLasting = billableMetric.recurring;
      const projection = isLasting ? unchangedFee(fee) : projectedFee(fee, pricings[index]!, part, usage.currency);
      const projectedParts = (fee.presentation?.parts ?? []).map(({ by, units }) => ({
        by,
        units: isLasting ? units : projectedUnits(units, part),
      }));
      return { ...fee, projection, projectedParts };
    }),
  );
  const total = usage.charges.reduce((sum, charge, index) => sum + sumOf(lines[index]!, charge).amountCents, 0n);
  if (!isWithinJsonRange(total)) throw invalid({ amount_cents: ['value_is_out_of_range'] });
  const { charges_usage: shown, ...current } = currentUsageJson(usage);
  return {
    ...current,
    projected_amount_cents: centsToNumber(total),
    charges_usage: shown.map((charge, index) => projectedCharge(charge, lines[index]!, usage.charges[index]!)),
  };
}

/** Of a charge with filters only what they take is projected, and not what is left (spec, usage 7.3). */
function sumOf(lines: readonly ProjectedLine[], { filters }: Pick<UsedCharge, 'filters'>): Projection {
  const counted = filters.length === 0 ? lines : lines.filter(({ chargeFilterId }) => chargeFilterId !== null);
  return {
    units: counted.reduce((sum, { projection }) => sum.plus(projection.units), ZERO),
    amountCents: counted.reduce((sum, { projection }) => sum + projection.amountCents, 0n),
    pricingUnitCents: counted.reduce((sum, { projection }) => sum + (projection.pricingUnitCents ?? 0n), 0n),
  };
}

const ALL = { filters: [] } as const;

function shownProjection(
  lines: readonly ProjectedLine[],
  charge: Pick<UsedCharge, 'filters'>,
  unit: ChargeUsageJson['pricing_unit_details'],
) {
  const { units, amountCents, pricingUnitCents } = sumOf(lines, charge);
  return {
    pricing_unit_details: unit && { ...unit, projected_amount_cents: centsToNumber(pricingUnitCents ?? 0n) },
    projected_units: plainDecimal(units),
    projected_amount_cents: centsToNumber(amountCents),
    projected_presentation_breakdowns: presentationOfUsage(lines.flatMap(({ projectedParts }) => projectedParts)),
  };
}

function projectedCharge(shown: ChargeUsageJson, lines: readonly ProjectedLine[], charge: UsedCharge) {
  const { total_aggregated_units: _units, charge: named, ...rest } = shown;
  const { code: _code, ...withoutCode } = named;
  const groups = feesByGroup(lines);
  return {
    ...rest,
    ...shownProjection(lines, charge, shown.pricing_unit_details),
    charge: withoutCode,
    filters: projectedFilters(shown.filters, lines),
    grouped_usage: shown.grouped_usage.map((group, index) => {
      const { total_aggregated_units: _groupUnits, ...ofGroup } = group;
      const own = groups[index]!;
      return {
        ...ofGroup,
        ...shownProjection(own, charge, group.pricing_unit_details),
        filters: projectedFilters(group.filters, own),
      };
    }),
  };
}

function projectedFilters(shown: ChargeUsageJson['filters'], lines: readonly ProjectedLine[]) {
  const byFilter = feesByFilter(lines);
  return shown.map(({ total_aggregated_units: _units, ...filter }, index) => ({
    ...filter,
    ...shownProjection(byFilter[index]!.fees, ALL, filter.pricing_unit_details),
  }));
}
