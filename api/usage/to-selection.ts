import type { UsageSelection } from '../../billing/usage/select-charges.ts';
import type { CurrentUsageQuery } from './schema.ts';

/** Which usage a query asks for; the names of today before the older ones. */
export const toUsageSelection = (query: CurrentUsageQuery): UsageSelection => ({
  chargeId: firstGiven(query.charge_id, query.filter_by_charge_id),
  chargeCode: firstGiven(query.charge_code, query.filter_by_charge_code),
  metricCode: firstGiven(query.billable_metric_code, query.filter_by_metric_code),
  groups: (['group', 'filter_by_group'] as const).filter((name) => isGiven(query[name])),
  fullUsage: query.full_usage === true,
});

/** An empty text asks for nothing. */
const firstGiven = (...texts: readonly (string | undefined)[]): string | null => texts.find(Boolean) ?? null;

const isGiven = (value: CurrentUsageQuery['group']): boolean =>
  typeof value === 'object' ? Object.keys(value).length > 0 : value !== undefined && !/^\s*(\{\s*\})?$/.test(value);
