import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { applicableTimeZone } from '../billing/calendar/applicable-time-zone.ts';
import { localDate } from '../billing/calendar/local-date.ts';
import { featureUnavailable, invalid, notFound } from '../billing/refusal.ts';
import { wantActs, type WantedAct } from '../db/acts.ts';
import { lockCustomer } from '../db/customer-lock.ts';
import { BillingEntity } from '../db/entities/billing-entity.ts';
import type { Customer } from '../db/entities/customer.ts';
import { Plan } from '../db/entities/plan.ts';
import { Subscription } from '../db/entities/subscription.ts';
import type { BillingTiming } from './billing-timing.ts';
import { nextPeriodAct } from './next-period.ts';

/** What a subscription is created from (spec, subscriptions-and-invoices 2.2). */
export interface NewSubscription {
  readonly externalId: string;
  readonly planCode: string;
  readonly name: string;
  readonly billingTime: 'calendar' | 'anniversary';
  /** The anchor and the wished start; null: now. */
  readonly subscriptionAt: Date | null;
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
 * Creates a subscription with the act of its first period, in the running transaction (spec, subscriptions-and-invoices 2.3).
 * The same request again answers the subscription unchanged.
 *
 * @throws Refusal 404 `plan_not_found`; 422 for an external id that another customer uses, 422 `lock_acquisition_failed`; 403
 * for plan changes and later starts, which this version does not do.
 */
export async function createSubscription(
  em: EntityManager,
  wish: NewSubscription,
  context: CreationContext,
): Promise<CreatedSubscription> {
  // Held still: an update of the plan must see this subscription, or this one the update.
  const plan = await em.findOne(
    Plan,
    { code: wish.planCode, parentId: null, deletedAt: null },
    { lockMode: LockMode.PESSIMISTIC_READ },
  );
  if (!plan) throw notFound('plan');
  const customer = await context.customerOf(em);
  // A repeated request waits for nobody.
  const before = await findCurrent(em, wish.externalId);
  if (before) return existing(before, customer, plan);
  await lockCustomer(em, customer.id);
  await em.refresh(customer);
  const current = await findCurrent(em, wish.externalId);
  if (current) return existing(current, customer, plan);
  const entity = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
  const timeZone = applicableTimeZone(customer, entity);
  const { now, frozen, timing } = context;
  const subscriptionAt = wish.subscriptionAt ?? now;
  if (localDate(subscriptionAt, timeZone).toString() > localDate(now, timeZone).toString()) throw featureUnavailable();
  customer.currency ??= plan.amountCurrency;
  const { planCode: _, ...wished } = wish;
  const subscription = em.create(Subscription, {
    ...wished,
    id: v7(),
    organizationId: customer.organizationId,
    customerId: customer.id,
    planId: plan.id,
    status: 'active',
    subscriptionAt,
    startedAt: subscriptionAt,
    activatedAt: now,
    createdAt: now,
    updatedAt: now,
  });
  await em.flush();
  const act = nextPeriodAct({ subscription, plan, customer, timeZone, frozen }, timing);
  const acts = act ? [act] : [];
  await wantActs(em, acts, now);
  return { subscription, customer, plan, acts };
}

const findCurrent = (em: EntityManager, externalId: string): Promise<Subscription | null> =>
  em.findOne(Subscription, { externalId, status: 'active' }, { refresh: true });

function existing(subscription: Subscription, customer: Customer, plan: Plan): CreatedSubscription {
  if (subscription.customerId !== customer.id) throw invalid({ external_id: ['value_already_exist'] });
  if (subscription.planId !== plan.id) throw featureUnavailable();
  return { subscription, customer, plan, acts: [] };
}
