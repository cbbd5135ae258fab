import type { EntityManager } from '@mikro-orm/postgresql';
import { isBlank } from '../../billing/blank-text.ts';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { findCustomer } from '../../db/queries/customers/find-customer.ts';
import { findBillingEntity } from '../../db/queries/organizations/billing-entities.ts';
import type { BillingScope } from '../command-scope.ts';
import { moveDraftsOfCustomer } from '../invoices/change-invoice-settings.ts';
import { customerSettings } from '../../billing/customers/customer-facts.ts';
import { rescheduleCustomer } from '../subscriptions/reschedule-periods.ts';
import { saveCustomerTaxes, taxFactsOf } from '../taxes/save-customer-taxes.ts';
import { announceCustomer } from './announce-customer.ts';
import { createCustomer } from './create-customer.ts';
import { changedColumns, type CustomerChanges } from './customer-columns.ts';
import { holdCustomer } from './hold-customer.ts';

export interface SaveCustomer {
  readonly externalId: string;
  /** null or blank: the default one for a new customer; another keeps its own. */
  readonly billingEntityCode: string | null;
  /** Of all its taxes; null: they stay as they are. */
  readonly taxCodes: readonly string[] | null;
  readonly changes: CustomerChanges;
}

export interface SavedCustomer {
  readonly customer: Customer;
  readonly entity: BillingEntity;
  /** Written in the same transaction. */
  readonly acts: readonly WantedAct[];
}

/** How often a customer may be made or deleted by another request while it is saved. */
const TRIES = 3;

/**
 * Creates or changes the customer with this external id (spec, api 1.2): one transaction creates, another changes,
 * since a change begins with the customer's lock. However many identical requests come at once, one customer is the
 * result.
 *
 * @param em in no transaction but its request's: it opens one for each try.
 * @throws Refusal 404 `billing_entity_not_found`, `tax_not_found`; 422 on `metadata`, 422 `lock_acquisition_failed`.
 */
export async function saveCustomer(
  em: EntityManager,
  scope: BillingScope,
  command: SaveCustomer,
): Promise<SavedCustomer> {
  for (let left = TRIES; left > 0; left--) {
    const isThere = (await findCustomer(em, command.externalId)) !== null;
    const saved = await em.transactional((inner) => (isThere ? updateCustomer : insertCustomer)(inner, scope, command));
    if (saved) return saved;
  }
  throw new Refusal({ kind: 'lock_busy' });
}

/** null when another request has created the customer meanwhile. */
async function insertCustomer(
  em: EntityManager,
  scope: BillingScope,
  { externalId, billingEntityCode, taxCodes, changes }: SaveCustomer,
): Promise<SavedCustomer | null> {
  const entity = await findBillingEntity(em, billingEntityCode);
  const creating = { externalId, billingEntity: entity, taxCodes, changes };
  const { customer, created, acts } = await createCustomer(em, scope, creating);
  return created ? { customer, entity, acts } : null;
}

/** null when another request has deleted the customer meanwhile. */
async function updateCustomer(
  em: EntityManager,
  scope: BillingScope,
  { externalId, billingEntityCode, taxCodes, changes }: SaveCustomer,
): Promise<SavedCustomer | null> {
  const { now, timing } = scope;
  const customer = await holdCustomer(em, externalId);
  if (!customer) return null;
  const before = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
  const entity = isBlank(billingEntityCode) ? before : await findBillingEntity(em, billingEntityCode);
  const timeZone = applicableTimeZone(customer, before);
  const datesBefore = customerSettings(customer);
  const taxFactsBefore = taxFactsOf(customer);
  const columns = changedColumns(changes, customer, now);
  // The type is settled by the first subscription (spec, decisions).
  if (columns.accountType && (await hasSubscription(em, customer))) delete columns.accountType;
  em.assign(customer, { ...columns, billingEntityId: entity.id, updatedAt: now });
  await em.flush();
  const acts = [...(await saveCustomerTaxes(em, scope, { before: taxFactsBefore, customer, entity, given: taxCodes }))];
  await announceCustomer(em, 'customer.updated', customer, entity, now);
  acts.push(...(await moveDraftsOfCustomer(em, datesBefore, customer, { now, at: scope.realTime })));
  if (applicableTimeZone(customer, entity) !== timeZone) {
    acts.push(...(await rescheduleCustomer(em, customer, now, timing)));
  }
  return { customer, entity, acts };
}

/** Whether there ever was one. */
const hasSubscription = async (em: EntityManager, customer: Customer): Promise<boolean> =>
  (await em.count(Subscription, { customerId: customer.id })) > 0;
