import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { isBefore, localDate } from '../../billing/calendar/local-date.ts';
import { Refusal, featureUnavailable, invalid, notFound } from '../../billing/refusal.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { lockCustomer } from '../../db/customer-lock.ts';
import { BillingEntity } from '../../db/entities/billing-entity.ts';
import type { Customer } from '../../db/entities/customer.ts';
import { Plan } from '../../db/entities/plan.ts';
import { Subscription } from '../../db/entities/subscription.ts';
import { billedServiceEnd } from '../../db/queries/subscriptions/service-end.ts';
import { actsOfBeginning, startOfPending } from './activate-subscription.ts';
import type { BillingTiming } from '../billing-timing.ts';

/** What a subscription is created from (spec, subscriptions-and-invoices 2.2). */
export interface NewSubscription {
  readonly externalId: string;
  readonly planCode: string;
  readonly name: string;
  readonly billingTime: 'calendar' | 'anniversary';
  /** The anchor and the wished start; null: now. */
  readonly subscriptionAt: Date | null;
  /** When it is to end by itself; null: never. */
  readonly endingAt: Date | null;
  readonly consolidateInvoice: boolean;
  readonly progressiveBillingDisabled: boolean;
  readonly purchaseOrderNumber: string | null;
  /** Found by code or id; null: the customer's. */
  readonly billingEntityId: string | null;
  readonly paymentMethodType: 'provider' | 'manual';
}

export interface CreatedSubscription {
  readonly subscription: Subscription;
  readonly customer: Customer;
  readonly plan: Plan;
  /** Empty when the subscription existed already. */
  readonly acts: readonly WantedAct[];
}

export interface CreationContext {
  readonly now: Date;
  readonly frozen: boolean;
  readonly timing: BillingTiming;
  /** Finds the customer of the request, or creates it with its external id only. */
  readonly customerOf: (em: EntityManager) => Promise<Customer>;
}

/**
 * Creates a subscription in the running transaction, with the acts that begin it or that wait for its start (spec,
 * subscriptions-and-invoices 2.3). The same request again answers the subscription unchanged.
 *
 * @throws Refusal 404 `plan_not_found`; 422 for an external id that another customer uses, 422 `lock_acquisition_failed`; 403
 * for a change of the plan of a running one, which this version does not do.
 */
export async function createSubscription(
  em: EntityManager,
  wish: NewSubscription,
  context: CreationContext,
): Promise<CreatedSubscription> {
  // Held still: an update of the plan must see this subscription, or this one the update.
  const plan = await em.findOne(
    Plan,
    { code: wish.planCode, parentId: null, pendingDeletion: false, deletedAt: null },
    { lockMode: LockMode.PESSIMISTIC_READ },
  );
  if (!plan) throw notFound('plan');
  const customer = await context.customerOf(em);
  const { now: at } = context;
  // A repeated request waits for nobody.
  const before = await findCurrent(em, wish.externalId);
  if (before?.planId === plan.id) return existing(em, before, { customer, plan, name: wish.name, now: at });
  await lockCustomer(em, customer.id);
  await em.refresh(customer);
  // Deleted while we waited: asked again, the request makes a new one.
  if (customer.deletedAt != null) throw new Refusal({ kind: 'lock_busy' });
  const current = await findCurrent(em, wish.externalId);
  if (current) return existing(em, current, { customer, plan, name: wish.name, now: at });
  const entity = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
  const timeZone = applicableTimeZone(customer, entity);
  const { now, frozen, timing } = context;
  const subscriptionAt = wish.subscriptionAt ?? now;
  const [day, today] = [localDate(subscriptionAt, timeZone), localDate(now, timeZone)];
  if (wish.endingAt !== null) assertEnding(wish.endingAt, { now, subscriptionAt, timeZone });
  customer.currency ??= plan.amountCurrency;
  const { planCode: _, ...wished } = wish;
  const subscription = em.create(Subscription, {
    ...wished,
    id: v7(),
    organizationId: customer.organizationId,
    customerId: customer.id,
    planId: plan.id,
    status: 'pending',
    subscriptionAt,
    endingSetAt: wish.endingAt === null ? null : now,
    createdAt: now,
    updatedAt: now,
  });
  if (isBefore(today, day)) {
    await em.flush();
    const act = startOfPending(subscription, timeZone, frozen);
    await wantActs(em, [act], now);
    return { subscription, customer, plan, acts: [act] };
  }
  const isPast = isBefore(day, today);
  const startedAt = subscriptionAt < now ? await startAfterService(em, subscription) : subscriptionAt;
  em.assign(subscription, { status: 'active', startedAt, activatedAt: now });
  await em.flush();
  const beginner = { subscription, plan, customer, timeZone, now, frozen, timing, billsStart: !isPast };
  const acts = await actsOfBeginning(em, beginner);
  await wantActs(em, acts, now);
  return { subscription, customer, plan, acts };
}

/**
 * Checks an end against now and the start, all by the customer's dates (spec, subscriptions-and-invoices 2.2).
 *
 * @throws Refusal 422 `ending_at: invalid_date`.
 */
export function assertEnding(
  endingAt: Date,
  { now, subscriptionAt, timeZone }: { readonly now: Date; readonly subscriptionAt: Date; readonly timeZone: string },
): void {
  const day = localDate(endingAt, timeZone);
  const isLate = isBefore(localDate(now, timeZone), day) && isBefore(localDate(subscriptionAt, timeZone), day);
  if (!isLate) throw invalid({ ending_at: ['invalid_date'] });
}

/**
 * When service begins that starts in the past, be it earlier on this day: where the last invoiced one with this external id ended, so
 * that nothing is billed twice (spec, subscriptions-and-invoices 2.3).
 */
export async function startAfterService(em: EntityManager, subscription: Subscription): Promise<Date> {
  const { subscriptionAt } = subscription;
  const billedUntil = await billedServiceEnd(em, subscription);
  return billedUntil && billedUntil > subscriptionAt ? billedUntil : subscriptionAt;
}

/** The one that runs, else one that has not started yet (spec, subscriptions-and-invoices 2.3). */
const findCurrent = (em: EntityManager, externalId: string): Promise<Subscription | null> =>
  em.findOne(
    Subscription,
    { externalId, previousSubscriptionId: null, status: ['active', 'pending'] },
    { refresh: true, orderBy: { status: 'asc' } },
  );

/**
 * The same request again answers what there is. A subscription that has not started takes another plan in place; the change of
 * a running one comes with upgrades and downgrades.
 */
async function existing(
  em: EntityManager,
  subscription: Subscription,
  {
    customer,
    plan,
    name,
    now,
  }: { readonly customer: Customer; readonly plan: Plan; readonly name: string; readonly now: Date },
): Promise<CreatedSubscription> {
  if (subscription.customerId !== customer.id) throw invalid({ external_id: ['value_already_exist'] });
  if (subscription.planId !== plan.id) {
    if (subscription.status === 'active') throw featureUnavailable(['plan_code']);
    em.assign(subscription, { planId: plan.id, updatedAt: now, ...(name !== '' && { name }) });
    await em.flush();
  }
  return { subscription, customer, plan, acts: [] };
}
