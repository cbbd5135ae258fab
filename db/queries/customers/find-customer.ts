import type { EntityManager } from '@mikro-orm/postgresql';
import { Customer } from '../../entities/customers/customer.ts';

/** The customer with this external id that is not deleted; null: there is none. */
export const findCustomer = (em: EntityManager, externalId: string): Promise<Customer | null> =>
  em.findOne(Customer, { externalId, deletedAt: null });
