import { raw, type EntityManager, type FilterQuery } from '@mikro-orm/postgresql';
import { z } from 'zod';
import { isCurrency } from '../../billing/money/currency.ts';
import { Customer } from '../../db/entities/customer.ts';
import { flagFilter, listFilter, metadataFilter, oneOfFilter, someOfFilter, textFilter } from '../http/filters.ts';
import { billingEntityIdsOf } from '../../db/queries/organizations/billing-entities.ts';
import { isCountry } from '../organizations/country.ts';
import { pageOf, pageQuery, type Page } from '../http/pagination.ts';
import { ACCOUNT_TYPES, CUSTOMER_TYPES } from './schema.ts';

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

/** Columns in which a search term is looked for (spec, behaviours S100). */
const SEARCHED = ['name', 'firstname', 'lastname', 'legalName', 'externalId', 'email'] as const;

/**
 * One page of customers, newest first (spec, api 2.3).
 *
 * @throws Refusal 404 `billing_entity_not_found`.
 */
export async function listCustomers(
  em: EntityManager,
  query: CustomersQuery,
): Promise<{ readonly customers: readonly Customer[]; readonly total: number; readonly page: Page }> {
  const page = pageOf(query);
  const entityIds = await billingEntityIdsOf(em, query.billing_entity_codes);
  const conditions: FilterQuery<Customer>[] = [
    { deletedAt: null },
    ...attributeConditions(query),
    ...(query.search_term?.trim() ? [search(query.search_term.trim())] : []),
    ...Object.entries(query.metadata ?? {}).map(([key, value]) => metadataCondition(key, value)),
    ...(entityIds ? [{ billingEntityId: { $in: entityIds } }] : []),
  ];
  const [customers, total] = await em.findAndCount(
    Customer,
    { $and: conditions },
    { orderBy: { createdAt: 'desc', id: 'asc' }, limit: page.limit, offset: page.offset },
  );
  return { customers, total, page };
}

function attributeConditions(query: CustomersQuery): FilterQuery<Customer>[] {
  const among = (column: keyof Customer, list: readonly string[] | undefined): FilterQuery<Customer>[] =>
    list ? [{ [column]: { $in: [...list] } }] : [];
  const present = (column: keyof Customer, wanted: boolean | undefined): FilterQuery<Customer>[] =>
    wanted === undefined ? [] : [{ [column]: wanted ? { $ne: null } : null }];
  return [
    ...(query.external_id === undefined ? [] : [{ externalId: query.external_id }]),
    ...among('accountType', query.account_type),
    ...(query.customer_type === undefined ? [] : [{ customerType: query.customer_type }]),
    ...present('customerType', query.has_customer_type),
    ...present('taxIdentificationNumber', query.has_tax_identification_number),
    ...among('currency', query.currencies),
    ...among('country', query.countries),
    ...among('state', query.states),
    ...among('zipcode', query.zipcodes),
  ];
}

function search(term: string): FilterQuery<Customer> {
  const pattern = `%${term.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return { $or: SEARCHED.map((column) => ({ [column]: { $ilike: pattern } })) };
}

function metadataCondition(key: string, value: string): FilterQuery<Customer> {
  const item = JSON.stringify([value === '' ? { key } : { key, value }]);
  const contains = raw('metadata @> ?::jsonb', [item]);
  return { [contains]: value !== '' };
}
