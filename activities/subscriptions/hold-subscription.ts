import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { notFound } from '../../billing/refusal.ts';
import { lockCustomer } from '../../db/customer-lock.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import { Plan } from '../../db/entities/plans/plan.ts';
import type { SubscriptionStatus } from '../../billing/calendar/subscription-terms.ts';
import { Subscription } from '../../db/entities/subscriptions/subscription.ts';

/** Which subscription a request means. */
export interface MeantSubscription {
  readonly externalId: string;
  /** Any text; null: the active one. */
  readonly status: string | null;
}

/** A subscription that a request changes, under its customer's lock. */
export interface HeldSubscription {
  readonly subscription: Subscription;
  readonly customer: Customer;
  readonly plan: Plan;
  /** The customer's. */
  readonly timeZone: string;
}

/**
 * Finds the subscription that a change means, the newest of the given status (spec, subscriptions-and-invoices 2.1),
 * and takes its customer's lock.
 *
 * @param orTheOnlyOne whether a request that names no status means the only one with this external id, whatever its
 * status.
 * @throws Refusal 404 `subscription_not_found`; 422 `lock_acquisition_failed`.
 */
export async function holdSubscription(
  em: EntityManager,
  meant: MeantSubscription,
  { orTheOnlyOne }: { readonly orTheOnlyOne: boolean },
): Promise<HeldSubscription> {
  const found = await findMeant(em, meant, orTheOnlyOne);
  if (!found) throw notFound('subscription');
  await lockCustomer(em, found.customerId);
  const subscription = await em.findOneOrFail(Subscription, { id: found.id }, { refresh: true });
  if (subscription.status !== found.status) throw notFound('subscription');
  const customer = await em.findOneOrFail(Customer, { id: subscription.customerId }, { refresh: true });
  const plan = await em.findOneOrFail(Plan, { id: subscription.planId });
  const entity = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
  return { subscription, customer, plan, timeZone: applicableTimeZone(customer, entity) };
}

async function findMeant(
  em: EntityManager,
  { externalId, status }: MeantSubscription,
  orTheOnlyOne: boolean,
): Promise<Subscription | null> {
  const newest = { orderBy: { createdAt: 'desc' } } as const;
  const wanted = (status ?? 'active') as SubscriptionStatus;
  const found = await em.findOne(Subscription, { externalId, status: wanted }, newest);
  if (found || status !== null || !orTheOnlyOne) return found;
  const rows = await em.find(Subscription, { externalId }, { ...newest, limit: 2 });
  return rows.length === 1 ? rows[0]! : null;
}
