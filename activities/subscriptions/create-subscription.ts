import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import type { BillingTime } from '../../billing/calendar/period.ts';
import { isBefore, localDate } from '../../billing/calendar/local-date.ts';
import { Refusal, featureUnavailable, notFound } from '../../billing/refusal.ts';
import { NO_CHAIN } from '../../billing/subscriptions/subscription-chain.ts';
import { createDecision, type CurrentSubscription } from '../../billing/subscriptions/create-decision.ts';
import { assertEnding } from '../../billing/subscriptions/ending.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import { lockCustomer } from '../../db/customer-lock.ts';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { Plan } from '../../db/entities/plans/plan.ts';
import { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { billingEntityIdOf, type NamedBillingEntity } from '../../db/queries/organizations/billing-entities.ts';
import { initialStart } from '../../db/queries/subscriptions/initial-start.ts';
import { subscribingFacts } from '../../db/queries/subscriptions/subscribing-facts.ts';
import { usageStart } from '../../db/queries/usage/usage-start.ts';
import { billedServiceEnd } from '../../db/queries/subscriptions/service-end.ts';
import type { BillingScope } from '../command-scope.ts';
import { createNamelessCustomer } from '../customers/create-nameless-customer.ts';
import { actsOfStart, startOfPending } from './activate-subscription.ts';

/** What a subscription is created from (spec, subscriptions-and-invoices 2.2). */
export interface CreateSubscription {
  readonly externalCustomerId: string;
  readonly externalId: string;
  readonly planCode: string;
  /** Empty: none. */
  readonly name: string;
  readonly billingTime: BillingTime;
  /** The anchor and the wished start; null: now. */
  readonly subscriptionAt: Date | null;
  /** When it is to end by itself; null: never. */
  readonly endingAt: Date | null;
  readonly consolidateInvoice: boolean;
  readonly progressiveBillingDisabled: boolean;
  readonly purchaseOrderNumber: string | null;
  /** The issuer of its invoices; none: the customer's. */
  readonly billingEntity: NamedBillingEntity;
  readonly paymentMethodType: 'provider' | 'manual';
}

export interface CreatedSubscription {
  readonly subscription: Subscription;
  /** Empty when the subscription existed already. */
  readonly acts: readonly WantedAct[];
}

/** What a request asks for, once its names are found. */
interface Asked {
  readonly command: CreateSubscription;
  readonly billingEntityId: string | null;
  readonly customer: Customer;
  readonly plan: Plan;
}

/**
 * Creates a subscription in the caller's transaction, with the acts that begin it or that wait for its start, or
 * changes the plan of one that is there (spec, subscriptions-and-invoices 2.3). The same request again answers the
 * subscription unchanged.
 *
 * @throws Refusal 404 `billing_entity_not_found`, `plan_not_found`; 422 for an external id that another customer uses,
 * 422 `lock_acquisition_failed`; 403 for a change of the plan of a running one, which this version does not do.
 */
export async function createSubscription(
  em: EntityManager,
  scope: BillingScope,
  command: CreateSubscription,
): Promise<CreatedSubscription> {
  const billingEntityId = await billingEntityIdOf(em, command.billingEntity);
  const { plan, customer: found, current: before } = await subscribingFacts(em, scope.organizationId, command);
  if (!plan) throw notFound('plan');
  const named = found ?? (await createNamelessCustomer(em, scope, command.externalCustomerId));
  // A repeated request waits for nobody.
  if (before?.planId === plan.id) {
    return change(em, scope, before, { command, billingEntityId, customer: named, plan });
  }
  await lockCustomer(em, named.id);
  const { customer, billingEntity, current } = await subscribingFacts(em, scope.organizationId, command);
  // Deleted while we waited: asked again, the request makes a new one.
  if (customer?.id !== named.id || !billingEntity) throw new Refusal({ kind: 'lock_busy' });
  const asked = { command, billingEntityId, customer, plan };
  return current ? change(em, scope, current, asked) : create(em, scope, { ...asked, customerEntity: billingEntity });
}

/** What a request means for the subscription that is there: each decision has an executor of its own. */
async function change(
  em: EntityManager,
  scope: BillingScope,
  current: Subscription,
  asked: Asked,
): Promise<CreatedSubscription> {
  const decision = createDecision(await comparable(em, current, asked.plan), {
    customerId: asked.customer.id,
    plan: asked.plan,
  });
  switch (decision) {
    case 'nothing':
      return { subscription: current, acts: [] };
    case 'replace pending':
      return replacePending(em, scope, current, asked);
    // They come with upgrades and downgrades.
    case 'upgrade':
    case 'downgrade':
      throw featureUnavailable(['plan_code']);
  }
}

/** The price of the plan counts only where a running subscription changes it. */
async function comparable(
  em: EntityManager,
  { customerId, planId, status }: Subscription,
  asked: Plan,
): Promise<CurrentSubscription> {
  if (status === 'pending') return { customerId, planId, status };
  const plan = planId === asked.id ? asked : await em.findOneOrFail(Plan, { id: planId });
  return { customerId, planId, status: 'active', plan };
}

/** A subscription that has not started takes another plan, and a name that is given, in its place. */
async function replacePending(
  em: EntityManager,
  { now }: BillingScope,
  subscription: Subscription,
  { command: { name }, plan }: Asked,
): Promise<CreatedSubscription> {
  em.assign(subscription, { planId: plan.id, updatedAt: now, ...(name !== '' && { name }) });
  await em.flush();
  return { subscription, acts: [] };
}

/** A new subscription, under the customer's lock: it begins now, has begun, or waits for its day. */
async function create(
  em: EntityManager,
  { now, hasTestClock, timing }: BillingScope,
  { command, billingEntityId, customer, customerEntity, plan }: Asked & { readonly customerEntity: BillingEntity },
): Promise<CreatedSubscription> {
  const timeZone = applicableTimeZone(customer, customerEntity);
  const subscriptionAt = command.subscriptionAt ?? now;
  const [day, today] = [localDate(subscriptionAt, timeZone), localDate(now, timeZone)];
  if (command.endingAt !== null) assertEnding(command.endingAt, { now, subscriptionAt, timeZone });
  customer.currency ??= plan.amountCurrency;
  const { planCode: _plan, externalCustomerId: _customer, billingEntity: _entity, ...wished } = command;
  const subscription = em.create(Subscription, {
    ...wished,
    billingEntityId,
    id: v7(),
    organizationId: customer.organizationId,
    customerId: customer.id,
    planId: plan.id,
    status: 'pending',
    subscriptionAt,
    endingSetAt: command.endingAt === null ? null : now,
    createdAt: now,
    updatedAt: now,
  });
  if (isBefore(today, day)) {
    await em.flush();
    const act = startOfPending(subscription, timeZone, hasTestClock);
    await wantActs(em, [act], now);
    return { subscription, acts: [act] };
  }
  const isPast = isBefore(day, today);
  const startedAt = subscriptionAt < now ? await startAfterService(em, subscription) : subscriptionAt;
  em.assign(subscription, { status: 'active', startedAt, activatedAt: now });
  subscription.usageFrom = await usageStart(em, subscription);
  await em.flush();
  // It follows no other subscription, but its trial may have begun with an earlier one.
  const chain = { ...NO_CHAIN, initialStart: await initialStart(em, subscription, plan) };
  const billing = { chain, now, hasTestClock, timing, billsStart: !isPast };
  const acts = await actsOfStart(em, { subscription, plan, customer, timeZone, ...billing });
  await wantActs(em, acts, now);
  return { subscription, acts };
}

/**
 * When service begins that starts in the past, be it earlier on this day: where the last invoiced one with this
 * external id ended, so that nothing is billed twice (spec, subscriptions-and-invoices 2.3).
 */
export async function startAfterService(em: EntityManager, subscription: Subscription): Promise<Date> {
  const { subscriptionAt } = subscription;
  const billedUntil = await billedServiceEnd(em, subscription);
  return billedUntil && billedUntil > subscriptionAt ? billedUntil : subscriptionAt;
}
