import { featureUnavailable, notAllowed, notFound } from '../../billing/refusal.ts';
import type { ChargeWithMetric } from '../../shapes/plans/load-plans.ts';
import type { CurrentUsageQuery } from './schema.ts';

/** The organization's switch for usage since the start of a subscription. */
const FULL_USAGE = 'granular_lifetime_usage';

/** Which charges a request for usage asks for, and since when. */
export interface SelectedCharges {
  readonly charges: readonly ChargeWithMetric[];
  /** From the start of the subscription, not of the period. */
  readonly fullUsage: boolean;
}

const isGiven = (value: CurrentUsageQuery['group']): boolean =>
  typeof value === 'object' ? Object.keys(value).length > 0 : value !== undefined && !/^\s*(\{\s*\})?$/.test(value);

const firstGiven = (...texts: readonly (string | undefined)[]): string | undefined => texts.find(Boolean);

/** The first of them that is given decides (spec, usage 7.1). */
function filterOf(query: CurrentUsageQuery): ((charge: ChargeWithMetric) => boolean) | undefined {
  const id = firstGiven(query.charge_id, query.filter_by_charge_id);
  if (id) return ({ charge }) => charge.id === id.toLowerCase();
  const code = firstGiven(query.charge_code, query.filter_by_charge_code);
  if (code) return ({ charge }) => charge.code === code;
  const metricCode = firstGiven(query.billable_metric_code, query.filter_by_metric_code);
  return metricCode ? ({ billableMetric }) => billableMetric.code === metricCode : undefined;
}

/** By name of the metric, without regard to case; charges of one metric stay in the plan's order. */
const byMetricName = (charges: readonly ChargeWithMetric[]): readonly ChargeWithMetric[] => {
  const nameOf = ({ billableMetric }: ChargeWithMetric) => billableMetric.name.toLowerCase();
  return charges.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : Number(nameOf(one) > nameOf(other))));
};

/**
 * Applies a request's filters to the charges of a plan (spec, usage 7.1).
 *
 * @param premiumIntegrations what is switched on for the organization.
 * @throws Refusal 404 `charge_not_found`, 405 `full_usage_not_allowed`; 403 `feature_unavailable` for groups.
 */
export function selectCharges(
  planCharges: readonly ChargeWithMetric[],
  query: CurrentUsageQuery,
  premiumIntegrations: readonly string[],
): SelectedCharges {
  const filter = filterOf(query);
  const charges = filter ? planCharges.filter(filter) : byMetricName(planCharges);
  if (filter && charges.length === 0) throw notFound('charge');
  const groups = (['group', 'filter_by_group'] as const).filter((name) => isGiven(query[name]));
  const fullUsage = query.full_usage === true;
  const isFullUsageAllowed =
    premiumIntegrations.includes(FULL_USAGE) &&
    (filter !== undefined || groups.length > 0) &&
    charges.every(({ charge }) => !charge.prorated);
  if (fullUsage && !isFullUsageAllowed) throw notAllowed('full_usage_not_allowed');
  if (groups.length > 0) throw featureUnavailable(groups);
  return { charges, fullUsage };
}
