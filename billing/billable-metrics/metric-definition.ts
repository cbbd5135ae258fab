import { isBlank } from '../blank-text.ts';
import { featureUnavailable, invalid, type ErrorDetails } from '../refusal.ts';
import type { AggregationType } from '../usage/usage-totals.ts';
import type { RoundingFunction } from '../usage/metric-rounding.ts';
import { parseExpression } from '../usage/expression/parse-expression.ts';
import { isMetered, type KnownAggregationType } from './aggregation-types.ts';
import { metricFilters, type AskedMetricFilter, type MetricFilter } from './metric-filters.ts';

/** What a billable metric is called, and what it makes of events. */
export interface MetricDefinition {
  readonly name: string;
  /** Events name it. */
  readonly code: string;
  readonly description: string | null;
  readonly aggregationType: AggregationType;
  /** The property of events that is aggregated; null for `count_agg`. */
  readonly fieldName: string | null;
  /** What that property is computed by as an event arrives (spec, usage 1.6); null: it is sent. */
  readonly expression: string | null;
  readonly recurring: boolean;
  /** By what a sum is weighted; null for every other aggregation. */
  readonly weightedInterval: 'seconds' | null;
  readonly roundingFunction: RoundingFunction | null;
  readonly roundingPrecision: number | null;
  readonly filters: MetricFilter[];
}

/** A metric as it is stored: what it does not have may be absent. */
type StoredDefinition = { readonly [Key in keyof MetricDefinition]?: MetricDefinition[Key] | undefined };

/** With the property names by whose values its rollups are kept, sorted. */
export type RolledUpDefinition = StoredDefinition & { readonly rollupKeys?: readonly string[] | undefined };

/** A metric as it is asked for. What is absent gets its default in a new metric, and stays in an update. */
export interface MetricCommand {
  readonly name?: string | undefined;
  readonly code?: string | undefined;
  readonly description?: string | null | undefined;
  readonly aggregationType?: KnownAggregationType | undefined;
  readonly fieldName?: string | null | undefined;
  readonly expression?: string | null | undefined;
  readonly recurring?: boolean | null | undefined;
  readonly weightedInterval?: 'seconds' | null | undefined;
  readonly roundingFunction?: RoundingFunction | null | undefined;
  readonly roundingPrecision?: number | null | undefined;
  readonly filters?: readonly AskedMetricFilter[] | null | undefined;
  /** Fields, as the request names them, that ask for what this version does not have. */
  readonly unavailable: readonly string[];
}

type KnownDefinition = Omit<MetricDefinition, 'aggregationType'> & {
  readonly aggregationType: KnownAggregationType;
};

/** Aggregations without a field to aggregate. */
const FIELDLESS: readonly KnownAggregationType[] = ['count_agg', 'custom_agg'];

/** Aggregations that cannot carry their units over to the next period. */
const NEVER_RECURRING: readonly KnownAggregationType[] = ['count_agg', 'max_agg', 'latest_agg'];

/** What is asked for, else what there is, else the default; null counts as asked for. */
function merged<T>(asked: T | undefined, present: T | undefined, otherwise: T): T {
  if (asked !== undefined) return asked;
  return present ?? otherwise;
}

/**
 * The definition that a command asks for. `{ aggregationType: 'sum_agg', fieldName: 'gigabytes' }` sums the property
 * `gigabytes` of events; without the field name it is refused.
 *
 * @param present the metric as it is, for an update: what the command does not name stays.
 * @throws Refusal 422 with the fields' codes (spec, usage 1.2); 403 `feature_unavailable` for what is not metered.
 */
export function metricDefinition(command: MetricCommand, present?: StoredDefinition): MetricDefinition {
  const aggregationType = command.aggregationType ?? present?.aggregationType ?? 'count_agg';
  const fieldName = merged(command.fieldName, present?.fieldName, null);
  const expression = merged(command.expression, present?.expression, null);
  const definition: KnownDefinition = {
    name: command.name ?? present?.name ?? '',
    code: command.code ?? present?.code ?? '',
    description: merged(command.description, present?.description, null),
    aggregationType,
    fieldName: aggregationType === 'count_agg' || isBlank(fieldName) ? null : fieldName,
    expression: isBlank(expression) ? null : expression,
    recurring: merged(command.recurring, present?.recurring, false) ?? false,
    weightedInterval:
      aggregationType === 'weighted_sum_agg' ? merged(command.weightedInterval, present?.weightedInterval, null) : null,
    roundingFunction: merged(command.roundingFunction, present?.roundingFunction, null),
    roundingPrecision: merged(command.roundingPrecision, present?.roundingPrecision, null),
    filters: command.filters == null ? (present?.filters ?? []) : metricFilters(command.filters),
  };
  const problems = problemsOf(definition);
  if (Object.keys(problems).length > 0) throw invalid(problems);
  if (command.unavailable.length > 0) throw featureUnavailable(command.unavailable);
  return metered(definition);
}

/**
 * What an update changes of a metric that a charge of a plan uses: name, description and filters. The rest is ignored
 * without an error (spec, usage 1.8): `{ name: 'Traffic', aggregationType: 'count_agg' }` changes the name alone.
 *
 * @throws Refusal 422 as `metricFilters`.
 */
export const definitionWhileCharged = (
  command: MetricCommand,
  present: StoredDefinition,
): Pick<MetricDefinition, 'name' | 'description' | 'filters'> => ({
  name: command.name ?? present.name ?? '',
  description: merged(command.description, present.description, null),
  filters: command.filters == null ? (present.filters ?? []) : metricFilters(command.filters),
});

/**
 * Whether two definitions count the same units for each event: rollups made by the one are then right for the other.
 * Another name or rounding makes no difference; another code, aggregation or field does, and so do other keys of the
 * rollups.
 */
export const countsAlike = (one: RolledUpDefinition, other: RolledUpDefinition): boolean =>
  one.code === other.code &&
  one.aggregationType === other.aggregationType &&
  (one.fieldName ?? null) === (other.fieldName ?? null) &&
  JSON.stringify(one.rollupKeys ?? []) === JSON.stringify(other.rollupKeys ?? []);

function problemsOf(definition: KnownDefinition): ErrorDetails {
  const { aggregationType, fieldName, expression, recurring, weightedInterval } = definition;
  return {
    ...(fieldName === null && !FIELDLESS.includes(aggregationType) && { field_name: ['value_is_mandatory'] }),
    ...(expression !== null && !parseExpression(expression) && { expression: ['invalid_expression'] }),
    ...(recurring &&
      NEVER_RECURRING.includes(aggregationType) && { recurring: ['not_compatible_with_aggregation_type'] }),
    ...(aggregationType === 'weighted_sum_agg' &&
      weightedInterval === null && { weighted_interval: ['value_is_invalid'] }),
  };
}

function metered(definition: KnownDefinition): MetricDefinition {
  const { aggregationType } = definition;
  if (!isMetered(aggregationType)) throw featureUnavailable(['aggregation_type']);
  return { ...definition, aggregationType };
}
