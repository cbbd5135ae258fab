import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../billing/refusal.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { deleteCustomerAct } from './delete-customer-act.ts';
import type { BillingScope } from '../command-scope.ts';
import { endViesChecks } from '../taxes/vies-checks.ts';
import { holdCustomer } from './hold-customer.ts';
import type { SavedCustomer } from './save-customer.ts';

/**
 * Hides a customer in the caller's transaction: the external id is free at once, invoices stay, and an act deletes what
 * it runs (`delete-customer.ts`; spec, subscriptions-and-invoices 11.2).
 *
 * @throws Refusal 404 `customer_not_found`; 422 `lock_acquisition_failed`.
 */
export async function hideCustomer(em: EntityManager, scope: BillingScope, externalId: string): Promise<SavedCustomer> {
  const { now } = scope;
  const customer = await holdCustomer(em, externalId);
  if (!customer) throw notFound('customer');
  const entity = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
  em.assign(customer, { deletedAt: now, updatedAt: now });
  await em.flush();
  const act = deleteCustomerAct({ organizationId: customer.organizationId, customerId: customer.id, at: now });
  await wantActs(em, [act], now);
  return { customer, entity, acts: [act, ...(await endViesChecks(em, scope, { customerId: customer.id }))] };
}
