import { notAllowed, notFound } from '../refusal.ts';
import type { KeyLists } from './bucket-condition.ts';

/** The organization's switch for usage since the start of a subscription. */
const FULL_USAGE = 'granular_lifetime_usage';

/** Which usage is asked for (spec, usage 7.1). */
export interface UsageSelection {
  /** Of these only the first that is given counts. */
  readonly chargeId: string | null;
  readonly chargeCode: string | null;
  readonly metricCode: string | null;
  /** Properties of events, each with the values that count; empty: all events do. */
  readonly group: KeyLists;
  /** Of the keys by which charges show units apart, those that are wanted; null: all of them. */
  readonly presentationKeys: readonly string[] | null;
  /** Since the start of the subscription, not of the period. */
  readonly fullUsage: boolean;
}

/** All usage of the running period. */
export const WHOLE_PLAN: UsageSelection = {
  chargeId: null,
  chargeCode: null,
  metricCode: null,
  group: {},
  presentationKeys: null,
  fullUsage: false,
};

/** What selecting must know of a charge. */
export interface SelectableCharge {
  readonly charge: { readonly id: string; readonly code: string; readonly prorated: boolean };
  readonly billableMetric: { readonly code: string; readonly name: string };
}

/**
 * The charges of a plan whose usage is asked for: in the plan's order where some are chosen, else all of them by the
 * names of their metrics, without regard to case. Charges "b" of Storage and "a" of requests: "a", "b" without a
 * choice.
 *
 * @param premiumIntegrations what is switched on for the organization.
 * @throws Refusal 404 `charge_not_found`, 405 `full_usage_not_allowed`.
 */
export function selectCharges<Charged extends SelectableCharge>(
  planCharges: readonly Charged[],
  selection: UsageSelection,
  premiumIntegrations: readonly string[],
): readonly Charged[] {
  const isChosen = choiceOf(selection);
  const charges = isChosen ? planCharges.filter(isChosen) : byMetricName(planCharges);
  if (isChosen && charges.length === 0) throw notFound('charge');
  const isFullUsageAllowed =
    premiumIntegrations.includes(FULL_USAGE) &&
    (isChosen !== null || Object.keys(selection.group).length > 0) &&
    charges.every(({ charge }) => !charge.prorated);
  if (selection.fullUsage && !isFullUsageAllowed) throw notAllowed('full_usage_not_allowed');
  return charges;
}

function choiceOf({
  chargeId,
  chargeCode,
  metricCode,
}: UsageSelection): ((charge: SelectableCharge) => boolean) | null {
  if (chargeId !== null) return ({ charge }) => charge.id === chargeId.toLowerCase();
  if (chargeCode !== null) return ({ charge }) => charge.code === chargeCode;
  return metricCode === null ? null : ({ billableMetric }) => billableMetric.code === metricCode;
}

/** Charges of one metric stay in the plan's order. */
function byMetricName<Charged extends SelectableCharge>(charges: readonly Charged[]): readonly Charged[] {
  const nameOf = ({ billableMetric }: SelectableCharge) => billableMetric.name.toLowerCase();
  return charges.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : Number(nameOf(one) > nameOf(other))));
}
