import { isBlank } from '../blank-text.ts';
import type { StoredChargeFilter } from '../charges/charge-split.ts';
import { invalid, notFound } from '../refusal.ts';
import { chargeFilterTerms, type ChargeFilterCommand } from './charge-filter-terms.ts';
import {
  planChargeOf,
  wantedCharge,
  type ChargeableMetric,
  type ChargeListChange,
  type Nameable,
  type PresentCharge,
} from './charge-list.ts';
import type { WantedChargeFilter } from './charge-filter-list.ts';
import type { ChargeCommand } from './plan-command.ts';

/** The charges of a plan, and what they name or are to name. */
export interface PlanCharges extends Nameable {
  readonly present: readonly PresentCharge[];
}

/** A change of a filter: what is absent stays, and its values always do (spec, usage 4.1). */
export type ChargeFilterChange = Partial<Omit<ChargeFilterCommand, 'values'>>;

/**
 * The charge of a plan that has a code: `calls` of a plan with `calls` and `storage`.
 *
 * @throws Refusal 404 `charge_not_found`.
 */
export function chargeByCode(present: readonly PresentCharge[], code: string): PresentCharge {
  const charge = present.find((one) => one.code === code);
  if (!charge) throw notFound('charge');
  return charge;
}

/**
 * The change that adds a charge to a plan, after the others: at place 2 of a plan whose charges are at 0 and 1.
 *
 * @throws Refusal 422 `code`; 404 `billable_metric_not_found`; 422, 403 as `newChargeTerms`.
 */
export function addedCharge(command: ChargeCommand, charges: PlanCharges): ChargeListChange {
  const { present, metrics } = charges;
  if (isBlank(command.code)) throw invalid({ code: ['value_is_mandatory'] });
  refuseUnknownMetric(command, metrics, null);
  refuseTaken(command.code, present, null);
  const position = Math.max(-1, ...present.map((charge) => charge.position)) + 1;
  const { id: _, ...charge } = { ...wantedCharge(command, undefined, charges, { isLocked: false }), position };
  return { ...othersThan(present, null), add: [{ ...charge, code: command.code ?? '' }] };
}

/**
 * The change that a command makes of one charge: a code that it names is its new one as long as the plan never had
 * subscriptions.
 *
 * @param isLocked whether the plan has, or had, subscriptions.
 * @throws Refusal as `addedCharge`.
 */
export function changedCharge(
  charge: PresentCharge,
  command: ChargeCommand,
  charges: PlanCharges,
  { isLocked }: { readonly isLocked: boolean },
): ChargeListChange {
  const { present, metrics } = charges;
  refuseUnknownMetric(command, metrics, charge);
  const wanted = wantedCharge(command, charge, charges, { isLocked });
  const code = wanted.code ?? charge.code;
  refuseTaken(code, present, charge);
  return {
    ...othersThan(present, charge),
    change: [{ ...wanted, id: charge.id, code, position: charge.position }],
  };
}

/** The change that takes one charge out of its plan: of `calls` and `storage` one is kept and one dropped. */
export const droppedCharge = (charge: PresentCharge, { present }: PlanCharges): ChargeListChange => ({
  ...othersThan(present, charge),
  drop: [charge.id],
});

/**
 * The filter that has an id: `f1` of a charge with the filters `f1` and `f2`.
 *
 * @throws Refusal 404 `charge_filter_not_found`.
 */
export function filterById(filters: readonly StoredChargeFilter[], id: string): StoredChargeFilter {
  const filter = filters.find((one) => one.id === id.toLowerCase());
  if (!filter) throw notFound('charge_filter');
  return filter;
}

/**
 * The change that adds a filter to a charge, after its others: `azure` at 7 after `aws` and `gcp`.
 *
 * @throws Refusal as `chargeFilterTerms`.
 */
export function addedFilter(
  charge: PresentCharge,
  command: ChargeFilterCommand,
  charges: PlanCharges,
): ChargeListChange {
  const terms = chargeFilterTerms(command, charge.chargeModel, declaredFor(charge, charges));
  return withFilters(charge, [...charge.filters.map(asItIs), { ...terms, id: null }], charges);
}

/**
 * The change that a command makes of one filter: `{ properties: { amount: '6' } }` is another price for the same
 * values.
 *
 * @throws Refusal as `chargeFilterTerms`.
 */
export function changedFilter(
  charge: PresentCharge,
  { id }: StoredChargeFilter,
  change: ChargeFilterChange,
  charges: PlanCharges,
): ChargeListChange {
  const declared = declaredFor(charge, charges);
  const filters = charge.filters.map((filter) =>
    filter.id === id
      ? { ...chargeFilterTerms({ ...asItIs(filter), ...change }, charge.chargeModel, declared), id }
      : asItIs(filter),
  );
  return withFilters(charge, filters, charges);
}

/** The change that takes one filter out of a charge: of `aws` and `gcp` one stays. */
export const droppedFilter = (
  charge: PresentCharge,
  { id }: StoredChargeFilter,
  charges: PlanCharges,
): ChargeListChange => withFilters(charge, charge.filters.filter((filter) => filter.id !== id).map(asItIs), charges);

const withFilters = (
  charge: PresentCharge,
  filters: readonly WantedChargeFilter[],
  { present }: PlanCharges,
): ChargeListChange => ({
  ...othersThan(present, charge),
  change: [{ ...planChargeOf(charge), id: charge.id, filters }],
});

const asItIs = ({ id, values, properties, invoiceDisplayName }: StoredChargeFilter): WantedChargeFilter => ({
  id,
  values,
  properties,
  invoiceDisplayName: invoiceDisplayName ?? null,
});

const othersThan = (present: readonly PresentCharge[], charge: PresentCharge | null): ChargeListChange => ({
  keep: present.flatMap(({ id }) => (id === charge?.id ? [] : [id])),
  change: [],
  add: [],
  drop: [],
});

const declaredFor = ({ billableMetricId }: PresentCharge, { metrics }: PlanCharges): ChargeableMetric['filters'] =>
  metrics.get(billableMetricId)?.filters ?? [];

function refuseUnknownMetric(
  { billableMetricId }: ChargeCommand,
  metrics: PlanCharges['metrics'],
  charge: PresentCharge | null,
): void {
  const id = billableMetricId?.toLowerCase() ?? charge?.billableMetricId ?? '';
  if (!metrics.has(id)) throw notFound('billable_metric');
}

function refuseTaken(code: string | null, present: readonly PresentCharge[], charge: PresentCharge | null): void {
  if (present.some((other) => other.code === code && other.id !== charge?.id)) {
    throw invalid({ code: ['value_already_exist'] });
  }
}
