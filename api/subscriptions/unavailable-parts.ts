import { invalid } from '../../billing/refusal.ts';
import { refuseUnavailable } from '../document/unavailable.ts';
import { subscriptionInput, type SubscriptionInput, type SubscriptionUpdateInput } from './schema.ts';

/**
 * What this version does not do with a subscription.
 *
 * @throws Refusal 422 on `payment_method`, since there are none; 403 `feature_unavailable`.
 */
export function refuseUnavailableParts(input: SubscriptionInput | SubscriptionUpdateInput): void {
  if (input.payment_method?.payment_method_id) throw invalid({ payment_method: ['invalid_payment_method'] });
  refuseUnavailable(subscriptionInput, input);
}
