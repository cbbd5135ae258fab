import { featureUnavailable, notFound } from '../../billing/refusal.ts';
import type { ChargeInput } from './charge-schema.ts';
import type { PlanUpdateInput } from './schema.ts';

// What this version does not have yet: better refused than silently wrong. What the spec refuses as such is checked before
// (`charge-terms.ts`).

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

const PLAN_PARTS = ['minimum_commitment', 'usage_thresholds', 'fixed_charges'] as const;

/**
 * @throws Refusal 403 `feature_unavailable`; 404 `tax_not_found`, since there are no taxes.
 */
export function refuseUnavailablePlanFeatures(input: PlanUpdateInput): void {
  const taxed = [input, ...(input.charges ?? [])].some(({ tax_codes: codes }) => !isEmpty(codes));
  if (taxed) throw notFound('tax');
  if (PLAN_PARTS.some((part) => !isEmpty(input[part]))) throw featureUnavailable();
}

/** @throws Refusal 403 `feature_unavailable`. */
export function refuseUnavailableChargeFeatures(input: ChargeInput): void {
  if (input.pay_in_advance === true) throw featureUnavailable();
  if ((input.min_amount_cents ?? 0) > 0) throw featureUnavailable();
  if (!isEmpty(input.filters) || !isEmpty(input.applied_pricing_unit)) throw featureUnavailable();
}

const GROUP_KEYS = ['pricing_group_keys', 'grouped_by', 'presentation_group_keys'] as const;

/** @throws Refusal 403 `feature_unavailable`. */
export function refuseGroupedProperties(properties: Readonly<Record<string, unknown>>): void {
  if (GROUP_KEYS.some((key) => !isEmpty(properties[key]))) throw featureUnavailable();
}
