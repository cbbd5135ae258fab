import { anyOf, anywhere, given, hasMetadata } from './conditions.ts';
import { list, type Conditions } from './list.ts';

/** What a list of customers asks for; what it leaves out is open (spec, api 2.3). */
export interface CustomerFilter {
  /** Part of a name, the external id or the e-mail address. */
  readonly searchTerm?: string | undefined;
  readonly externalId?: string | undefined;
  readonly accountTypes?: readonly ('customer' | 'partner')[] | undefined;
  readonly customerType?: 'company' | 'individual' | undefined;
  readonly hasCustomerType?: boolean | undefined;
  readonly hasTaxIdentificationNumber?: boolean | undefined;
  readonly currencies?: readonly string[] | undefined;
  readonly countries?: readonly string[] | undefined;
  readonly states?: readonly string[] | undefined;
  readonly zipcodes?: readonly string[] | undefined;
  /** Key to value; an empty value: the customer does not have the key. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly billingEntityIds?: readonly string[] | undefined;
}

/** Columns in which a search term is looked for (spec, behaviours S100). */
const SEARCHED = ['name', 'firstname', 'lastname', 'legalName', 'externalId', 'email'] as const;

/** Customers that are not deleted, newest first. */
export const customerList = list({
  table: 'customers',
  order: [
    ['createdAt', 'desc'],
    ['id', 'asc'],
  ],
  conditions: (filter: CustomerFilter, { eb }: Conditions<'customers'>) => [
    eb('customers.deletedAt', 'is', null),
    given(filter.searchTerm, (term) =>
      eb.or(SEARCHED.map((column) => eb(`customers.${column}`, 'ilike', anywhere(term)))),
    ),
    given(filter.externalId, (id) => eb('customers.externalId', '=', id)),
    given(filter.accountTypes, (types) => eb('customers.accountType', '=', anyOf(types))),
    given(filter.customerType, (type) => eb('customers.customerType', '=', type)),
    given(filter.hasCustomerType, (has) => eb('customers.customerType', has ? 'is not' : 'is', null)),
    given(filter.hasTaxIdentificationNumber, (has) =>
      eb('customers.taxIdentificationNumber', has ? 'is not' : 'is', null),
    ),
    given(filter.currencies, (currencies) => eb('customers.currency', '=', anyOf(currencies))),
    given(filter.countries, (countries) => eb('customers.country', '=', anyOf(countries))),
    given(filter.states, (states) => eb('customers.state', '=', anyOf(states))),
    given(filter.zipcodes, (zipcodes) => eb('customers.zipcode', '=', anyOf(zipcodes))),
    ...Object.entries(filter.metadata ?? {}).map(([key, value]) => hasMetadata('customers.metadata', key, value)),
    given(filter.billingEntityIds, (ids) => eb('customers.billingEntityId', '=', anyOf(ids))),
  ],
});
