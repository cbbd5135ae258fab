import { z } from 'zod';
import { localDate } from '../../billing/calendar/local-date.ts';
import type { ChargePricing } from '../../billing/charges/charge-model.ts';
import type { PricingUnitAmounts } from '../../billing/charges/pricing-unit.ts';
import type { BucketFee } from '../../billing/fees/charge-fees.ts';
import { centsToNumber, isWithinJsonRange } from '../../billing/money/cents.ts';
import type { Currency } from '../../billing/money/currency.ts';
import { plainDecimal, ZERO } from '../../billing/money/decimal.ts';
import { invalid } from '../../billing/refusal.ts';
import type { KeyValues } from '../../billing/usage/bucket-condition.ts';
import { datetime } from '../formats.ts';
import { filterValuesJson } from '../plans/charge-filter.ts';
import type { ChargeWithMetric } from '../plans/load-plans.ts';
import { presentationBreakdownsSchema, presentationOfUsage } from './presentation-breakdowns.ts';

/** What a charge would cost if the period ended with the events there are. */
export interface UsedCharge extends ChargeWithMetric {
  readonly fees: readonly BucketFee[];
  /** Of each fee, what priced it. */
  readonly pricings: readonly ChargePricing[];
}

/** What usage shows of a fee, be it stored or only priced. */
export type UsageLine = Pick<
  BucketFee,
  'units' | 'totalAggregatedUnits' | 'eventsCount' | 'amountCents' | 'chargeFilterId' | 'groupedBy' | 'presentation'
> & {
  /** null: its charge says its prices in the currency. */
  readonly pricingUnit: Pick<PricingUnitAmounts, 'amountCents' | 'shortName' | 'conversionRate'> | null;
};

/** What usage shows of a charge. */
export interface ChargeLines {
  readonly charge: Pick<ChargeWithMetric['charge'], 'id' | 'code' | 'chargeModel' | 'invoiceDisplayName'>;
  readonly billableMetric: Pick<ChargeWithMetric['billableMetric'], 'id' | 'name' | 'code' | 'aggregationType'>;
  /** Empty: the charge has none. */
  readonly filters: readonly Pick<ChargeWithMetric['filters'][number], 'id' | 'values' | 'invoiceDisplayName'>[];
  readonly fees: readonly UsageLine[];
}

/** The usage of the period that runs now. */
export interface CurrentUsage {
  /** UTC, both ends inclusive. */
  readonly window: { readonly from: Date; readonly to: Date };
  /** The customer's. */
  readonly timeZone: string;
  readonly currency: Currency;
  readonly charges: readonly UsedCharge[];
  readonly taxesAmountCents: bigint;
}

const numbers = {
  units: z.string().meta({ examples: ['4.0'] }),
  total_aggregated_units: z.string().meta({ examples: ['4.0'] }),
  events_count: z.int(),
  amount_cents: z.int(),
};

export const pricingUnitUsageSchema = z
  .strictObject({
    amount_cents: z.int(),
    short_name: z.string(),
    conversion_rate: z.string().meta({ examples: ['0.5'] }),
  })
  .nullable()
  .meta({ description: 'What it costs in the pricing unit of the charge; cents are hundredths of the unit.' });

export const filterUsageSchema = z
  .strictObject({
    ...numbers,
    pricing_unit_details: pricingUnitUsageSchema,
    invoice_display_name: z.string().nullable(),
    values: z
      .record(z.string(), z.array(z.string()))
      .nullable()
      .meta({ description: 'Null: what no filter takes.', examples: [{ cloud: ['aws', 'gcp'] }] }),
    presentation_breakdowns: presentationBreakdownsSchema,
  })
  .meta({ id: 'FilterUsage' });

export const groupUsageSchema = z
  .strictObject({
    ...numbers,
    pricing_unit_details: pricingUnitUsageSchema,
    grouped_by: z.record(z.string(), z.string().nullable()).meta({ examples: [{ region: 'eu' }] }),
    filters: z.array(filterUsageSchema),
    presentation_breakdowns: presentationBreakdownsSchema,
  })
  .meta({ id: 'GroupUsage' });

export const chargeUsageSchema = z
  .strictObject({
    ...numbers,
    amount_currency: z.string(),
    pricing_unit_details: pricingUnitUsageSchema,
    charge: z.strictObject({
      lago_id: z.uuid(),
      code: z.string(),
      charge_model: z.string(),
      invoice_display_name: z.string().nullable(),
    }),
    billable_metric: z.strictObject({
      lago_id: z.uuid(),
      name: z.string(),
      code: z.string(),
      aggregation_type: z.string(),
    }),
    filters: z.array(filterUsageSchema),
    grouped_usage: z.array(groupUsageSchema),
    presentation_breakdowns: presentationBreakdownsSchema,
  })
  .meta({ id: 'ChargeUsage' });

export const customerUsageSchema = z
  .strictObject({
    from_datetime: z.string().meta({ format: 'date-time' }),
    to_datetime: z.string().meta({ format: 'date-time' }),
    issuing_date: z.string().meta({ format: 'date' }),
    currency: z.string(),
    amount_cents: z.int(),
    taxes_amount_cents: z.int(),
    total_amount_cents: z.int(),
    lago_invoice_id: z.null(),
    charges_usage: z.array(chargeUsageSchema),
  })
  .meta({ id: 'CustomerUsage' });
type CustomerUsageJson = z.infer<typeof customerUsageSchema>;

/**
 * What a running period has used (spec, usage 7.1). Fees that are rounded each are what is summed.
 *
 * @throws Refusal 422 `amount_cents: value_is_out_of_range` when the usage is worth more than a JSON number can say.
 */
export function currentUsageJson(usage: CurrentUsage): CustomerUsageJson {
  const { window, timeZone, currency, charges, taxesAmountCents } = usage;
  const amount = centsOf(charges.flatMap(({ fees }) => fees));
  const total = amount + taxesAmountCents;
  if (!isWithinJsonRange(total)) throw invalid({ amount_cents: ['value_is_out_of_range'] });
  return {
    from_datetime: datetime(window.from),
    to_datetime: datetime(window.to),
    issuing_date: localDate(window.to, timeZone).toString(),
    currency,
    amount_cents: centsToNumber(amount),
    taxes_amount_cents: centsToNumber(taxesAmountCents),
    total_amount_cents: centsToNumber(total),
    lago_invoice_id: null,
    charges_usage: charges.map((charge) => chargeUsageJson(charge, currency)),
  };
}

export const centsOf = (fees: readonly UsageLine[]): bigint =>
  fees.reduce((sum, { amountCents }) => sum + amountCents, 0n);

/** What fees of a charge add up to. */
function numbersOf(fees: readonly UsageLine[]) {
  return {
    units: plainDecimal(fees.reduce((sum, fee) => sum.plus(fee.units), ZERO)),
    total_aggregated_units: plainDecimal(fees.reduce((sum, fee) => sum.plus(fee.totalAggregatedUnits), ZERO)),
    events_count: Number(fees.reduce((count, { eventsCount }) => count + eventsCount, 0n)),
    amount_cents: centsToNumber(centsOf(fees)),
  };
}

/** One line a charge, with lines of their own for its filters and for its groups (spec, usage 7.1). */
export function chargeUsageJson({ charge, billableMetric, filters, fees }: ChargeLines, currency: string) {
  return {
    ...numbersOf(fees),
    amount_currency: currency,
    pricing_unit_details: pricingUnitOf(fees),
    charge: {
      lago_id: charge.id,
      code: charge.code,
      charge_model: charge.chargeModel,
      invoice_display_name: charge.invoiceDisplayName ?? null,
    },
    billable_metric: {
      lago_id: billableMetric.id,
      name: billableMetric.name,
      code: billableMetric.code,
      aggregation_type: billableMetric.aggregationType,
    },
    filters: filterUsage(fees, filters),
    grouped_usage: groupedUsage(fees, filters),
    presentation_breakdowns: breakdownsOf(fees),
  };
}

/** A line a filter and one for what none takes; no line where a charge has no filters. */
function filterUsage(fees: readonly UsageLine[], filters: ChargeLines['filters']) {
  if (filters.length === 0) return [];
  const byId = new Map(filters.map((filter) => [filter.id, filter]));
  return feesByFilter(fees).map(({ filterId, fees: ofBucket }) => {
    const filter = byId.get(filterId ?? '');
    return {
      ...numbersOf(ofBucket),
      pricing_unit_details: pricingUnitOf(ofBucket),
      invoice_display_name: filter?.invoiceDisplayName ?? null,
      values: filter ? filterValuesJson(filter.values) : null,
      presentation_breakdowns: breakdownsOf(ofBucket),
    };
  });
}

/** A line a group, whichever filters it is of; no line where nothing is grouped. */
function groupedUsage(fees: readonly UsageLine[], filters: ChargeLines['filters']) {
  if (fees.every(({ groupedBy }) => Object.keys(groupedBy).length === 0)) return [];
  return feesByGroup(fees).map((ofGroup) => ({
    ...numbersOf(ofGroup),
    pricing_unit_details: pricingUnitOf(ofGroup),
    grouped_by: ofGroup[0]!.groupedBy,
    filters: filterUsage(ofGroup, filters),
    presentation_breakdowns: breakdownsOf(ofGroup),
  }));
}

/** The fees of each filter, in the order in which they are shown. */
export const feesByFilter = <Line extends UsageLine>(fees: readonly Line[]) =>
  [...Map.groupBy(fees, ({ chargeFilterId }) => chargeFilterId)].map(([filterId, ofFilter]) => ({
    filterId,
    fees: ofFilter,
  }));

/** The fees of each group, in the order in which they are shown. */
export const feesByGroup = <Line extends UsageLine>(fees: readonly Line[]): readonly (readonly Line[])[] => [
  ...Map.groupBy(fees, ({ groupedBy }) => groupName(groupedBy)).values(),
];

/** The same whatever the order of the keys. */
const groupName = (values: KeyValues): string =>
  JSON.stringify(Object.entries(values).toSorted(([one], [other]) => (one < other ? -1 : 1)));

const breakdownsOf = (fees: readonly UsageLine[]) =>
  presentationOfUsage(fees.flatMap(({ presentation }) => presentation?.parts ?? []));

/** Of fees of one charge: they have one pricing unit, or none has. */
function pricingUnitOf(fees: readonly UsageLine[]): z.infer<typeof pricingUnitUsageSchema> {
  const units = fees.flatMap(({ pricingUnit }) => pricingUnit ?? []);
  const [first] = units;
  if (first === undefined) return null;
  return {
    amount_cents: centsToNumber(units.reduce((sum, { amountCents }) => sum + amountCents, 0n)),
    short_name: first.shortName,
    conversion_rate: plainDecimal(first.conversionRate),
  };
}
