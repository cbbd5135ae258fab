import { featureUnavailable, invalid } from '../../billing/refusal.ts';
import type { SubscriptionInput, SubscriptionUpdateInput } from './schema.ts';

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.values(value).every((inner) => isEmpty(inner) || inner === false));

/**
 * What this version does not do with a subscription: better refused than silently ignored.
 *
 * @throws Refusal 403 `feature_unavailable`, or the spec's own error.
 */
export function refuseUnavailable(input: SubscriptionInput | SubscriptionUpdateInput): void {
  const later = [
    input.plan_overrides,
    input.usage_thresholds,
    input.activation_rules,
    input.invoice_custom_section,
    'authorization' in input ? input.authorization : undefined,
  ];
  if (input.payment_method?.payment_method_id) throw invalid({ payment_method: ['invalid_payment_method'] });
  if (!later.every(isEmpty)) throw featureUnavailable();
}
