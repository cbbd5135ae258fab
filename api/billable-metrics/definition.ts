import { featureUnavailable, invalid, type ErrorDetails } from '../../billing/refusal.ts';
import type { BillableMetric, MetricFilter } from '../../db/entities/billable-metric.ts';
import { refuseUnavailable } from '../document/unavailable.ts';
import { isMetered, metricUpdateSchema, type AGGREGATION_TYPES, type MetricInput } from './schema.ts';

type AggregationType = (typeof AGGREGATION_TYPES)[number];

/** A metric as asked for: what it is called, and what it makes of events. */
interface Definition {
  readonly name: string;
  readonly code: string;
  readonly description: string | null;
  readonly aggregationType: AggregationType;
  readonly fieldName: string | null;
  readonly recurring: boolean;
  readonly weightedInterval: 'seconds' | null;
  readonly roundingFunction: 'round' | 'ceil' | 'floor' | null;
  readonly roundingPrecision: number | null;
  readonly filters: MetricFilter[];
}

/** A definition that this version can meter. */
export type MetricDefinition = Omit<Definition, 'aggregationType' | 'weightedInterval'> & {
  readonly aggregationType: BillableMetric['aggregationType'];
};

/** Aggregations without a field to aggregate. */
const FIELDLESS: readonly AggregationType[] = ['count_agg', 'custom_agg'];

/** Aggregations that cannot carry their units over to the next period. */
const NEVER_RECURRING: readonly AggregationType[] = ['count_agg', 'max_agg', 'latest_agg'];

const isBlank = (text: string | null | undefined): boolean => text == null || text.trim() === '';

/** What was given, else what there is, else the default; null counts as given. */
function merged<T>(given: T | undefined, present: T | undefined, otherwise: T): T {
  if (given !== undefined) return given;
  return present ?? otherwise;
}

/**
 * The definition that a request asks for.
 *
 * @param present the metric as it is, for an update: what the request does not name stays.
 * @throws Refusal 422 with the fields' codes (spec, usage 1.2); 403 `feature_unavailable` for what this version cannot meter.
 */
export function metricDefinition(input: MetricInput, present?: BillableMetric): MetricDefinition {
  const aggregationType = input.aggregation_type ?? present?.aggregationType ?? 'count_agg';
  const fieldName = merged(input.field_name, present?.fieldName, null);
  const definition: Definition = {
    name: input.name ?? present?.name ?? '',
    code: input.code ?? present?.code ?? '',
    description: merged(input.description, present?.description, null),
    aggregationType,
    fieldName: aggregationType === 'count_agg' || isBlank(fieldName) ? null : fieldName,
    recurring: merged(input.recurring, present?.recurring, false) ?? false,
    weightedInterval: input.weighted_interval ?? null,
    roundingFunction: merged(input.rounding_function, present?.roundingFunction, null),
    roundingPrecision: merged(input.rounding_precision, present?.roundingPrecision, null),
    filters: input.filters == null ? (present?.filters ?? []) : metricFilters(input.filters),
  };
  const problems = problemsOf(definition);
  if (Object.keys(problems).length > 0) throw invalid(problems);
  refuseUnavailable(metricUpdateSchema, input);
  return metered(definition);
}

function problemsOf({ aggregationType, fieldName, recurring, weightedInterval }: Definition): ErrorDetails {
  return {
    ...(fieldName === null && !FIELDLESS.includes(aggregationType) && { field_name: ['value_is_mandatory'] }),
    ...(recurring &&
      NEVER_RECURRING.includes(aggregationType) && { recurring: ['not_compatible_with_aggregation_type'] }),
    ...(aggregationType === 'weighted_sum_agg' &&
      weightedInterval === null && { weighted_interval: ['value_is_invalid'] }),
  };
}

function metered({ weightedInterval: _, ...definition }: Definition): MetricDefinition {
  const { aggregationType } = definition;
  if (!isMetered(aggregationType)) throw featureUnavailable(['aggregation_type']);
  return { ...definition, aggregationType };
}

/**
 * Filters in the order of their keys, values sorted, each once (spec, usage 1.2).
 *
 * @throws Refusal 422 on `key` or `values`.
 */
export function metricFilters(input: NonNullable<MetricInput['filters']>): MetricFilter[] {
  const problems = {
    ...(input.some(({ key }) => isBlank(key)) && { key: ['value_is_mandatory'] }),
    ...(input.some(({ values }) => values == null || values.length === 0) && { values: ['value_is_mandatory'] }),
  };
  if (Object.keys(problems).length > 0) throw invalid(problems);
  const valuesOf = new Map<string, Set<string>>();
  for (const { key, values } of input) {
    const known = valuesOf.get(key ?? '') ?? new Set<string>();
    valuesOf.set(key ?? '', new Set([...known, ...(values ?? [])]));
  }
  return [...valuesOf]
    .map(([key, values]) => ({ key, values: [...values].toSorted() }))
    .toSorted((one, other) => (one.key < other.key ? -1 : 1));
}
