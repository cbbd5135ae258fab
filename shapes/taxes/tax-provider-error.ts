import type { ProviderError } from '../../billing/taxes/provider-answer.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';

/** That a customer's tax provider has no taxes for an invoice (spec, api 4.4). */
export const taxProviderErrorJson = (
  customer: Pick<Customer, 'id' | 'externalId' | 'taxProviderCode'>,
  providerName: string | null,
  { code, message }: ProviderError,
) => ({
  lago_customer_id: customer.id,
  external_customer_id: customer.externalId,
  tax_provider: providerName,
  tax_provider_code: customer.taxProviderCode ?? null,
  provider_error: { message, error_code: code },
});
