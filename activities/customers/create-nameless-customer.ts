import type { EntityManager } from '@mikro-orm/postgresql';
import type { Customer } from '../../db/entities/customers/customer.ts';
import type { BillingScope } from '../command-scope.ts';
import { createCustomer } from './create-customer.ts';

/**
 * A customer that has nothing but an external id, for a request that names one that is not there yet, in the caller's
 * transaction (spec, api 2.4).
 */
export async function createNamelessCustomer(
  em: EntityManager,
  scope: BillingScope,
  externalId: string,
): Promise<Customer> {
  const { customer } = await createCustomer(em, scope, {
    externalId,
    billingEntity: null,
    taxCodes: null,
    changes: {},
  });
  return customer;
}
