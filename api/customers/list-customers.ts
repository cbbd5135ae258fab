import type { EntityManager } from '@mikro-orm/postgresql';
import { z } from 'zod';
import { ACCOUNT_TYPES, CUSTOMER_TYPES } from '../../billing/customers/customer-types.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { customerList, type CustomerFilter } from '../../db/lists/customers.ts';
import { flagFilter, listFilter, metadataFilter, oneOfFilter, someOfFilter, textFilter } from '../http/filters.ts';
import { billingEntityIdsOf } from '../../db/queries/organizations/billing-entities.ts';
import { isCountry } from '../organizations/country.ts';
import { metaOf, pageOf, pageQuery } from '../http/pagination.ts';

export const customersQuery = z.object({
  ...pageQuery,
  search_term: textFilter().meta({ description: 'Part of a name, the external id or the e-mail address.' }),
  external_id: textFilter(),
  account_type: someOfFilter(ACCOUNT_TYPES),
  customer_type: oneOfFilter(CUSTOMER_TYPES),
  has_customer_type: flagFilter(),
  has_tax_identification_number: flagFilter(),
  currencies: listFilter(isCurrency),
  countries: listFilter(isCountry),
  states: listFilter(),
  zipcodes: listFilter(),
  metadata: metadataFilter().meta({
    description: '`metadata[key]=value`; an empty value asks for customers without the key.',
  }),
  billing_entity_codes: listFilter(),
});

export type CustomersQuery = z.infer<typeof customersQuery>;

export const customerFilterOf = (
  query: CustomersQuery,
  billingEntityIds: readonly string[] | undefined,
): CustomerFilter => ({
  searchTerm: query.search_term?.trim(),
  externalId: query.external_id,
  accountTypes: query.account_type,
  customerType: query.customer_type,
  hasCustomerType: query.has_customer_type,
  hasTaxIdentificationNumber: query.has_tax_identification_number,
  currencies: query.currencies,
  countries: query.countries,
  states: query.states,
  zipcodes: query.zipcodes,
  metadata: query.metadata,
  billingEntityIds,
});

/**
 * A page of customers, newest first (spec, api 2.3).
 *
 * @throws Refusal 404 `billing_entity_not_found`.
 */
export async function listCustomers(em: EntityManager, query: CustomersQuery) {
  const page = pageOf(query);
  const filter = customerFilterOf(query, await billingEntityIdsOf(em, query.billing_entity_codes));
  const { rows, total } = await customerList.page(em, filter, page);
  return { rows, meta: metaOf(page, total) };
}
