import { isBlank } from '../blank-text.ts';
import { invalid } from '../refusal.ts';

/** A property of events, with those of its values that charges may price apart (spec, usage 1.2). */
export interface MetricFilter {
  readonly key: string;
  readonly values: readonly string[];
}

/** A filter as it is asked for: nothing of it need be there. */
export interface AskedMetricFilter {
  readonly key?: string | null | undefined;
  readonly values?: readonly string[] | null | undefined;
}

/**
 * The filters of a metric in the order of their keys, values sorted, each once (spec, usage 1.2). Two of `region`, with
 * `['us', 'eu']` and `['eu']`, become one: `region` with `['eu', 'us']`.
 *
 * @throws Refusal 422 `key` or `values`: `value_is_mandatory`.
 */
export function metricFilters(asked: readonly AskedMetricFilter[]): MetricFilter[] {
  const problems = {
    ...(asked.some(({ key }) => isBlank(key)) && { key: ['value_is_mandatory'] }),
    ...(asked.some(({ values }) => values == null || values.length === 0) && { values: ['value_is_mandatory'] }),
  };
  if (Object.keys(problems).length > 0) throw invalid(problems);
  const valuesOf = new Map<string, Set<string>>();
  for (const { key, values } of asked) {
    const known = valuesOf.get(key ?? '') ?? new Set<string>();
    valuesOf.set(key ?? '', new Set([...known, ...(values ?? [])]));
  }
  return [...valuesOf]
    .map(([key, values]) => ({ key, values: [...values].toSorted() }))
    .toSorted((one, other) => (one.key < other.key ? -1 : 1));
}
