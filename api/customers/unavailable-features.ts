import { featureUnavailable, invalid, notFound } from '../../billing/refusal.ts';
import type { CustomerInput } from './schema.ts';

const isEmpty = (list: readonly unknown[] | null | undefined): boolean => (list ?? []).length === 0;

/**
 * What this version does not have yet: better refused than silently wrong.
 *
 * @throws Refusal 404 `tax_not_found` and 422 `base: payment_provider_not_found`, since there are none; 403 `feature_unavailable`.
 */
export function refuseUnavailableCustomerFeatures(input: CustomerInput): void {
  const { billing_configuration: configuration } = input;
  if (!isEmpty(input.tax_codes)) throw notFound('tax');
  if (configuration?.payment_provider?.trim()) throw invalid({ base: ['payment_provider_not_found'] });
  if (!isEmpty(input.invoice_custom_section_codes)) throw featureUnavailable();
  if (!isEmpty(input.integration_customers)) throw featureUnavailable();
}
