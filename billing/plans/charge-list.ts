import type { KnownAggregationType } from '../billable-metrics/aggregation-types.ts';
import type { MetricFilter } from '../billable-metrics/metric-filters.ts';
import type { StoredChargeFilter } from '../charges/charge-split.ts';
import { invalid, notFound } from '../refusal.ts';
import { chargeCodes } from './charge-codes.ts';
import {
  filterListChange,
  wantedFilters,
  type FilterListChange,
  type WantedChargeFilter,
} from './charge-filter-list.ts';
import type { ChargeFilterCommand } from './charge-filter-terms.ts';
import type { PricingUnitIds } from './charge-pricing-unit.ts';
import { changedChargeTerms, newChargeTerms, type ChargeTerms } from './charge-terms.ts';
import type { ChargeCommand } from './plan-command.ts';
import { isSameJson } from './same-json.ts';

/** A charge of a plan. */
interface PlanCharge extends ChargeTerms {
  readonly billableMetricId: string;
  /** Unique in the plan. */
  readonly code: string;
  /** In the plan's list, from 0: charges are shown and billed in this order. */
  readonly position: number;
}

/** A charge that the plan has. */
export type PresentCharge = Omit<PlanCharge, 'invoiceDisplayName' | 'regroupPaidFees'> & {
  readonly id: string;
  readonly invoiceDisplayName?: string | null | undefined;
  /** In their order. */
  readonly filters: readonly StoredChargeFilter[];
  readonly regroupPaidFees?: 'invoice' | null | undefined;
};

/** A charge that the plan is to have. */
export interface WantedCharge extends FilteredCharge {
  /** The charge that becomes this one; null: it is new. */
  readonly id: string | null;
}

/** A charge with the filters that it is to have, in their order. */
export interface FilteredCharge extends PlanCharge {
  readonly filters: readonly WantedChargeFilter[];
}

/** What a charge must know of a billable metric. */
export interface ChargeableMetric {
  readonly id: string;
  readonly code: string;
  readonly aggregationType: KnownAggregationType;
  readonly recurring: boolean;
  readonly filters: readonly MetricFilter[];
}

/** What charges may name. */
export interface Nameable {
  /** By id. */
  readonly metrics: ReadonlyMap<string, ChargeableMetric>;
  readonly pricingUnits: PricingUnitIds;
}

/** What becomes of each charge of a plan. */
export interface ChargeListChange {
  /** Ids of charges that stay as they are. */
  readonly keep: readonly string[];
  readonly change: readonly (FilteredCharge & { readonly id: string })[];
  readonly add: readonly FilteredCharge[];
  /** Ids of charges that are deleted; their fees stay. */
  readonly drop: readonly string[];
}

/**
 * The charges that a list asks for, in its order: an item with the id of a charge changes it, any other makes one
 * (spec, subscriptions-and-invoices 1.4).
 *
 * @param present the plan's charges.
 * @param named what the list and the present charges name, as far as it exists.
 * @param isLocked whether the plan has, or had, subscriptions: then model, code and metric of its charges stay.
 * @throws Refusal 404 `billable_metrics_not_found`; 422, 403 as `newChargeTerms`; 422 `code` and `id`:
 * `value_already_exist`.
 */
export function wantedCharges(
  commands: readonly ChargeCommand[],
  present: readonly PresentCharge[],
  named: Nameable,
  { isLocked }: { readonly isLocked: boolean },
): WantedCharge[] {
  const { metrics } = named;
  if (commands.some(({ billableMetricId: id }) => id !== null && !metrics.has(id.toLowerCase()))) {
    throw notFound('billable_metrics');
  }
  const presentById = new Map(present.map((charge) => [charge.id, charge]));
  const charges = commands.map((command) =>
    wantedCharge(command, presentById.get(command.id ?? ''), named, { isLocked }),
  );
  const metricCodeOf = (id: string): string => metrics.get(id)?.code ?? '';
  const codes = chargeCodes(
    charges.map(({ code, billableMetricId }) => ({ code, metricCode: metricCodeOf(billableMetricId) })),
  );
  const ids = charges.flatMap(({ id }) => id ?? []);
  if (new Set(ids).size < ids.length) throw invalid({ id: ['value_already_exist'] });
  return charges.map((charge, position) => ({ ...charge, code: codes[position] ?? '', position }));
}

/**
 * What has to be done to the charges that a plan has, so that they become those that it is to have. With `calls` and
 * `storage` present, and a list that names `calls` at another price and a new `seats`: `calls` changes, `seats` is
 * added, `storage` dropped.
 */
export function chargeListChange(present: readonly PresentCharge[], wanted: readonly WantedCharge[]): ChargeListChange {
  const wantedById = new Map(wanted.flatMap((charge) => (charge.id === null ? [] : [[charge.id, charge] as const])));
  const isKept = (charge: PresentCharge): boolean => {
    const becomes = wantedById.get(charge.id);
    return becomes !== undefined && isSameCharge(charge, becomes);
  };
  const keep = new Set(present.filter(isKept).map(({ id }) => id));
  return {
    keep: [...keep],
    change: wanted.flatMap(({ id, ...charge }) => (id === null || keep.has(id) ? [] : [{ id, ...charge }])),
    add: wanted.flatMap(({ id, ...charge }) => (id === null ? [charge] : [])),
    drop: present.filter(({ id }) => !wantedById.has(id)).map(({ id }) => id),
  };
}

/**
 * A charge as a command wants it, but for its place in the plan and, where it has none yet, its code.
 *
 * @param charge the charge that it changes; undefined: it is new.
 * @throws Refusal 404 `billable_metrics_not_found`; as `newChargeTerms` and `chargeFilterTerms`.
 */
export function wantedCharge(
  command: ChargeCommand,
  charge: PresentCharge | undefined,
  { metrics, pricingUnits }: Nameable,
  { isLocked }: { readonly isLocked: boolean },
): Omit<WantedCharge, 'code' | 'position'> & { readonly code: string | null } {
  const asked = command.billableMetricId?.toLowerCase();
  const metric = metrics.get(
    (isLocked ? charge?.billableMetricId : undefined) ?? asked ?? charge?.billableMetricId ?? '',
  );
  if (!metric) throw notFound('billable_metrics');
  const terms = charge
    ? changedChargeTerms(command, charge, metric, { isLocked })
    : newChargeTerms(command, metric, pricingUnits);
  const present = charge?.filters ?? [];
  return {
    ...terms,
    // Filters that stay have to fit the charge's new model, and its new metric.
    filters: wantedFilters(command.filters ?? present.map(asCommand), present, terms.chargeModel, metric.filters),
    id: charge?.id ?? null,
    billableMetricId: metric.id,
    code: isLocked && charge ? charge.code : (command.code ?? charge?.code ?? null),
  };
}

const asCommand = ({ values, properties, invoiceDisplayName }: StoredChargeFilter): ChargeFilterCommand => ({
  values,
  properties,
  invoiceDisplayName: invoiceDisplayName ?? null,
});

/** A charge as it is, without its filters. */
export const planChargeOf = ({
  billableMetricId,
  code,
  chargeModel,
  properties,
  invoiceDisplayName,
  payInAdvance,
  invoiceable,
  prorated,
  regroupPaidFees,
  minAmountCents,
  pricingUnitId,
  pricingUnitRate,
  position,
}: PresentCharge): PlanCharge => ({
  billableMetricId,
  code,
  chargeModel,
  properties,
  invoiceDisplayName: invoiceDisplayName ?? null,
  payInAdvance,
  invoiceable,
  prorated,
  regroupPaidFees: regroupPaidFees ?? null,
  minAmountCents,
  pricingUnitId,
  pricingUnitRate,
  position,
});

const isSameCharge = (present: PresentCharge, wanted: FilteredCharge): boolean =>
  present.chargeModel === wanted.chargeModel &&
  (present.invoiceDisplayName ?? null) === wanted.invoiceDisplayName &&
  present.billableMetricId === wanted.billableMetricId &&
  present.code === wanted.code &&
  present.position === wanted.position &&
  present.payInAdvance === wanted.payInAdvance &&
  present.invoiceable === wanted.invoiceable &&
  present.prorated === wanted.prorated &&
  (present.regroupPaidFees ?? null) === wanted.regroupPaidFees &&
  present.minAmountCents === wanted.minAmountCents &&
  present.pricingUnitId === wanted.pricingUnitId &&
  present.pricingUnitRate?.toFixed() === wanted.pricingUnitRate?.toFixed() &&
  isSameJson(present.properties, wanted.properties) &&
  isUnchanged(filterListChange(present.filters, wanted.filters));

const isUnchanged = ({ save, drop }: FilterListChange): boolean => save.length === 0 && drop.length === 0;
