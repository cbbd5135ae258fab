import type { EntityManager } from '@mikro-orm/postgresql';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { findCustomer } from '../../db/queries/customers/find-customer.ts';
import type { BillingScope } from '../command-scope.ts';
import { createCustomer } from './create-customer.ts';

/**
 * The customer with this external id; when there is none, a new one that has nothing but it, in the caller's
 * transaction (spec, api 2.4).
 */
export async function findOrCreateCustomer(
  em: EntityManager,
  scope: BillingScope,
  externalId: string,
): Promise<Customer> {
  const found = await findCustomer(em, externalId);
  return (
    found ??
    (await createCustomer(em, scope, { externalId, billingEntity: null, taxCodes: null, changes: {} })).customer
  );
}
