import type { EntityManager } from '@mikro-orm/postgresql';
import { lockCustomer } from '../../db/customer-lock.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import { findCustomer } from '../../db/queries/customers/find-customer.ts';

/**
 * The customer with this external id as it is once nobody else changes it, until the end of the transaction; null:
 * there is none, or none any more.
 *
 * @throws Refusal 422 `lock_acquisition_failed`.
 */
export async function holdCustomer(em: EntityManager, externalId: string): Promise<Customer | null> {
  const found = await findCustomer(em, externalId);
  if (!found) return null;
  await lockCustomer(em, found.id);
  return em.findOne(Customer, { id: found.id, deletedAt: null }, { refresh: true });
}
