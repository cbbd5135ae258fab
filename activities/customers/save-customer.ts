import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { moveDraftsOfCustomer } from '../../activities/invoices/change-invoice-settings.ts';
import { customerSettings } from '../../activities/invoices/load-invoice-facts.ts';
import { rescheduleCustomer } from '../../activities/subscriptions/reschedule-periods.ts';
import { deleteCustomerAct } from '../../activities/acts/wanted-acts.ts';
import { Refusal, notFound } from '../../billing/refusal.ts';
import { wantActs, type WantedAct } from '../../db/acts/acts.ts';
import { lockCustomer } from '../../db/customer-lock.ts';
import { BillingEntity } from '../../db/entities/billing-entity.ts';
import { Customer } from '../../db/entities/customer.ts';
import { Subscription } from '../../db/entities/subscription.ts';
import { realTime } from '../http/clock.ts';
import { findBillingEntity } from '../organizations/billing-entities.ts';
import type { RequestContext } from '../http/request-context.ts';
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
  const { em } = context;
  for (let left = TRIES; left > 0; left--) {
    const isThere = (await findCustomer(em, input.external_id)) !== null;
    const saved = await em.transactional((inner) => (isThere ? updateCustomer : insertCustomer)(inner, context, input));
    if (saved) return saved;
  }
  throw new Refusal({ kind: 'lock_busy' });
}

/** How often a customer may be made or deleted by somebody else while it is saved. */
const TRIES = 3;

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

/** null when somebody else has deleted the customer meanwhile. */
async function updateCustomer(
  em: EntityManager,
  context: RequestContext,
  input: CustomerInput,
): Promise<SavedCustomer | null> {
  const customer = await lockedCustomer(em, input.external_id);
  if (!customer) return null;
  const before = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
  const entity = input.billing_entity_code?.trim() ? await findBillingEntity(em, input.billing_entity_code) : before;
  const timeZone = applicableTimeZone(customer, before);
  const datesBefore = customerSettings(customer);
  const attributes = customerAttributes(input, customer, context.now);
  if (attributes.accountType && (await hasSubscription(em, customer))) delete attributes.accountType;
  em.assign(customer, { ...attributes, billingEntityId: entity.id, updatedAt: context.now });
  await em.flush();
  await emitCustomerWebhook(em, 'customer.updated', customer, entity, context.now);
  const acts = await moveDraftsOfCustomer(em, datesBefore, customer, { now: context.now, at: realTime() });
  if (applicableTimeZone(customer, entity) !== timeZone) {
    acts.push(...(await rescheduleCustomer(em, customer.id, context.now, context.timing)));
  }
  return { customer, entity, acts };
}

/**
 * Deletes a customer in the caller's transaction: the external id is free at once, invoices stay, and an act ends the
 * subscriptions (spec, subscriptions-and-invoices 11.2).
 *
 * @throws Refusal 404 `customer_not_found`; 422 `lock_acquisition_failed`.
 */
export async function deleteCustomer(em: EntityManager, externalId: string, now: Date): Promise<SavedCustomer> {
  const customer = await lockedCustomer(em, externalId);
  if (!customer) throw notFound('customer');
  const entity = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
  em.assign(customer, { deletedAt: now, updatedAt: now });
  await em.flush();
  const act = deleteCustomerAct({ organizationId: customer.organizationId, customerId: customer.id, at: now });
  await wantActs(em, [act], now);
  return { customer, entity, acts: [act] };
}

/** The customer as it is once nobody else changes it; null: there is none, or no more. */
async function lockedCustomer(em: EntityManager, externalId: string): Promise<Customer | null> {
  const found = await findCustomer(em, externalId);
  if (!found) return null;
  await lockCustomer(em, found.id);
  return em.findOne(Customer, { id: found.id, deletedAt: null }, { refresh: true });
}

/** Whether there ever was one. */
const hasSubscription = async (em: EntityManager, customer: Customer): Promise<boolean> =>
  (await em.count(Subscription, { customerId: customer.id })) > 0;
