import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { rescheduleCustomer } from '../../activities/reschedule-periods.ts';
import { featureUnavailable, notFound } from '../../billing/refusal.ts';
import type { WantedAct } from '../../db/acts.ts';
import { lockCustomer } from '../../db/customer-lock.ts';
import { BillingEntity } from '../../db/entities/billing-entity.ts';
import { Customer } from '../../db/entities/customer.ts';
import { Subscription, type SubscriptionStatus } from '../../db/entities/subscription.ts';
import { findBillingEntity } from '../organizations/billing-entities.ts';
import type { RequestContext } from '../request-context.ts';
import { customerAttributes } from './attributes.ts';
import { createCustomer, emitCustomerWebhook, findCustomer } from './find-or-create-customer.ts';
import type { CustomerInput } from './schema.ts';

export interface SavedCustomer {
  readonly customer: Customer;
  readonly entity: BillingEntity;
  /** Written in the same transaction. */
  readonly acts: readonly WantedAct[];
}

/**
 * Creates or changes the customer with the request's external id (spec, api 1.2): one transaction creates, another changes,
 * since a change begins with the customer's lock. However many identical requests come at once, one customer is the result.
 *
 * @throws Refusal 404 `billing_entity_not_found`; 422 on `metadata`, 422 `lock_acquisition_failed`.
 */
export async function saveCustomer(context: RequestContext, input: CustomerInput): Promise<SavedCustomer> {
  const { external_id: externalId } = input;
  if (!(await findCustomer(context.em, externalId))) {
    const created = await context.em.transactional((em) => insertCustomer(em, context, input));
    if (created) return created;
  }
  return context.em.transactional((em) => updateCustomer(em, context, input));
}

/** null when somebody else has created the customer meanwhile. */
async function insertCustomer(
  em: EntityManager,
  context: RequestContext,
  input: CustomerInput,
): Promise<SavedCustomer | null> {
  const entity = await findBillingEntity(em, input.billing_entity_code);
  const attributes = customerAttributes(input, undefined, context.now);
  const { customer, created } = await createCustomer(em, context, input.external_id, entity, attributes);
  return created ? { customer, entity, acts: [] } : null;
}

async function updateCustomer(
  em: EntityManager,
  context: RequestContext,
  input: CustomerInput,
): Promise<SavedCustomer> {
  const customer = await lockedCustomer(em, input.external_id);
  const before = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
  const entity = input.billing_entity_code == null ? before : await findBillingEntity(em, input.billing_entity_code);
  const timeZone = applicableTimeZone(customer, before);
  const attributes = customerAttributes(input, customer, context.now);
  if (attributes.accountType && (await hasSubscription(em, customer))) delete attributes.accountType;
  em.assign(customer, { ...attributes, billingEntityId: entity.id, updatedAt: context.now });
  await em.flush();
  await emitCustomerWebhook(em, 'customer.updated', customer, entity, context.now);
  if (applicableTimeZone(customer, entity) === timeZone) return { customer, entity, acts: [] };
  return { customer, entity, acts: await rescheduleCustomer(em, customer.id, context.now, context.timing) };
}

/**
 * Deletes a customer in the caller's transaction; the external id is free again, invoices stay.
 *
 * @throws Refusal 404 `customer_not_found`; 403 `feature_unavailable` while there are running or coming subscriptions, since
 * this version cannot terminate them; 422 `lock_acquisition_failed`.
 */
export async function deleteCustomer(
  em: EntityManager,
  externalId: string,
  now: Date,
): Promise<Omit<SavedCustomer, 'acts'>> {
  const customer = await lockedCustomer(em, externalId);
  if (await hasSubscription(em, customer, ['active', 'pending', 'incomplete'])) throw featureUnavailable();
  const entity = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
  em.assign(customer, { deletedAt: now, updatedAt: now });
  await em.flush();
  return { customer, entity };
}

/** The customer as it is once nobody else changes it. @throws Refusal 404 `customer_not_found`. */
async function lockedCustomer(em: EntityManager, externalId: string): Promise<Customer> {
  const found = await findCustomer(em, externalId);
  if (!found) throw notFound('customer');
  await lockCustomer(em, found.id);
  const customer = await em.findOne(Customer, { id: found.id, deletedAt: null }, { refresh: true });
  if (!customer) throw notFound('customer');
  return customer;
}

/** Without statuses: whether there ever was one. */
async function hasSubscription(
  em: EntityManager,
  customer: Customer,
  statuses?: readonly SubscriptionStatus[],
): Promise<boolean> {
  const where = statuses ? { status: { $in: [...statuses] } } : {};
  return (await em.count(Subscription, { customerId: customer.id, ...where })) > 0;
}
