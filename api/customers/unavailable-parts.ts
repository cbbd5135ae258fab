import { invalid } from '../../billing/refusal.ts';
import { refuseUnavailable } from '../document/unavailable.ts';
import { customerInput, type CustomerInput } from './schema.ts';

/**
 * What this version does not have of customers.
 *
 * @throws Refusal 422 `base: payment_provider_not_found`, since there are none; 403 `feature_unavailable`.
 */
export function refuseUnavailableParts(input: CustomerInput): void {
  if (input.billing_configuration?.payment_provider?.trim()) throw invalid({ base: ['payment_provider_not_found'] });
  refuseUnavailable(customerInput, input);
}
