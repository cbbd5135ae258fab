import type { EntityManager } from '@mikro-orm/postgresql';
import { actsOfBeginning } from '../../activities/subscriptions/activate-subscription.ts';
import { announceSubscription } from '../../activities/webhooks/announce.ts';
import { assertEnding, startAfterService } from '../../activities/subscriptions/create-subscription.ts';
import { rescheduleCustomer } from '../../activities/subscriptions/reschedule-periods.ts';
import {
  TERMINATION_CREDIT_NOTES,
  TERMINATION_INVOICES,
} from '../../activities/subscriptions/terminate-subscription.ts';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { localDate } from '../../billing/calendar/local-date.ts';
import { invalid, notAllowed, notFound } from '../../billing/refusal.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { lockCustomer } from '../../db/customer-lock.ts';
import { BillingEntity } from '../../db/entities/billing-entity.ts';
import { Customer } from '../../db/entities/customer.ts';
import { Plan } from '../../db/entities/plan.ts';
import { Subscription, type SubscriptionStatus } from '../../db/entities/subscription.ts';
import { activateId } from '../../activities/subscriptions/activate-act.ts';
import type { RequestContext } from '../http/request-context.ts';
import { billingEntityIdOf } from './billing-entity-of.ts';
import type { SubscriptionUpdateInput } from './schema.ts';

/** A subscription that a request changes, under its customer's lock. */
export interface LockedSubscription {
  readonly subscription: Subscription;
  readonly customer: Customer;
  readonly plan: Plan;
  readonly timeZone: string;
}

/**
 * Finds the subscription that a change means: the one of the given status, else the active one; where there is only one with
 * this external id, that one whatever its status (spec, subscriptions-and-invoices 2.1). Takes its customer's lock.
 *
 * @throws Refusal 404 `subscription_not_found`; 422 `lock_acquisition_failed`.
 */
export async function lockSubscription(
  em: EntityManager,
  externalId: string,
  status: string | undefined,
  { orTheOnlyOne }: { readonly orTheOnlyOne: boolean },
): Promise<LockedSubscription> {
  const found = await findMeant(em, externalId, status, orTheOnlyOne);
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
  externalId: string,
  status: string | undefined,
  orTheOnlyOne: boolean,
): Promise<Subscription | null> {
  const newest = { orderBy: { createdAt: 'desc' } } as const;
  const wanted = (status ?? 'active') as SubscriptionStatus;
  const found = await em.findOne(Subscription, { externalId, status: wanted }, newest);
  if (found || status !== undefined || !orTheOnlyOne) return found;
  const rows = await em.find(Subscription, { externalId }, { ...newest, limit: 2 });
  return rows.length === 1 ? rows[0]! : null;
}

/**
 * Changes a subscription in the running transaction (spec, subscriptions-and-invoices 2.7).
 *
 * @returns the acts it wrote.
 * @throws Refusal 404, 405 `subscription_incomplete`, `purchase_order_number_not_editable`; 422 on fields.
 */
export async function updateSubscription(
  em: EntityManager,
  context: RequestContext,
  externalId: string,
  input: SubscriptionUpdateInput,
  status: string | undefined,
): Promise<{ readonly subscription: Subscription; readonly acts: readonly WantedAct[] }> {
  const locked = await lockSubscription(em, externalId, status, { orTheOnlyOne: true });
  const { subscription, customer, plan, timeZone } = locked;
  const { now, timing, organization } = context;
  if (subscription.status === 'incomplete') throw notAllowed('subscription_incomplete');
  const billingEntityId = await billingEntityIdOf(em, input);
  assignSettings(subscription, input, plan);
  if (billingEntityId !== null) subscription.billingEntityId = billingEntityId;
  const subscriptionAt = movedStart(subscription, input);
  if (subscriptionAt) subscription.subscriptionAt = subscriptionAt;
  if (input.ending_at !== undefined) setEnding(locked, input.ending_at, now);
  else if (subscriptionAt && subscription.endingAt) {
    assertEnding(subscription.endingAt, { now, subscriptionAt, timeZone });
  }
  subscription.updatedAt = now;
  await em.flush();
  const frozen = organization.clockNow != null;
  const begins = subscription.status === 'pending' && subscriptionAt !== null && subscriptionAt <= now;
  if (!begins) {
    const acts = await rescheduleCustomer(em, customer, now, timing);
    // A start that has only moved says nothing (spec, subscriptions-and-invoices 2.7).
    if (subscriptionAt === null) await announceSubscription(em, subscription, now, ['subscription.updated']);
    return { subscription, acts };
  }
  const startedAt = await startAfterService(em, subscription);
  em.assign(subscription, { status: 'active', startedAt, activatedAt: now });
  await em.flush();
  const isToday = localDate(subscriptionAt, timeZone).equals(localDate(now, timeZone));
  const beginner = { subscription, plan, customer, timeZone, now, frozen, timing, billsStart: isToday };
  const acts = await actsOfBeginning(em, beginner);
  await wantActs(em, acts, now);
  await finishActs(em, [activateId(subscription.id)]);
  await announceSubscription(em, subscription, now, ['subscription.updated']);
  return { subscription, acts };
}

/** The new start of a subscription that has not begun; null: it stays (spec, subscriptions-and-invoices 2.7). */
function movedStart(subscription: Subscription, { subscription_at: at }: SubscriptionUpdateInput): Date | null {
  const mayMove = subscription.status === 'pending' && subscription.previousSubscriptionId == null;
  return at && mayMove && at.getTime() !== subscription.subscriptionAt.getTime() ? at : null;
}

function setEnding({ subscription, timeZone }: LockedSubscription, endingAt: Date | null, now: Date): void {
  if (subscription.endingAt?.getTime() === endingAt?.getTime()) return;
  if (endingAt) assertEnding(endingAt, { now, subscriptionAt: subscription.subscriptionAt, timeZone });
  subscription.endingAt = endingAt;
  subscription.endingSetAt = endingAt && now;
}

function assignSettings(subscription: Subscription, input: SubscriptionUpdateInput, plan: Plan): void {
  if (input.name != null) subscription.name = input.name;
  if (input.progressive_billing_disabled != null) {
    subscription.progressiveBillingDisabled = input.progressive_billing_disabled;
  }
  if (input.consolidate_invoice != null) subscription.consolidateInvoice = input.consolidate_invoice;
  const type = input.payment_method?.payment_method_type;
  if (type) subscription.paymentMethodType = type;
  assignPurchaseOrderNumber(subscription, input);
  assignTerminationOptions(subscription, input, plan);
}

function assignPurchaseOrderNumber(
  subscription: Subscription,
  { purchase_order_number: number }: SubscriptionUpdateInput,
): void {
  if (number === undefined || number === (subscription.purchaseOrderNumber ?? null)) return;
  if (isOver(subscription)) throw notAllowed('purchase_order_number_not_editable');
  subscription.purchaseOrderNumber = number;
}

/** What a request says about the termination. */
export interface TerminationOptions {
  readonly on_termination_credit_note?: string | null | undefined;
  readonly on_termination_invoice?: string | null | undefined;
}

/**
 * Stores what is to happen when the subscription ends; credit notes are for plans in advance only (spec,
 * subscriptions-and-invoices 2.7, 2.11). Once it has ended they say what happened, and stay: its last invoice is made by them, and made
 * again if it is a draft.
 *
 * @throws Refusal 422 `invalid_value` on the option.
 */
export function assignTerminationOptions(subscription: Subscription, options: TerminationOptions, plan: Plan): void {
  const { on_termination_credit_note: creditNote, on_termination_invoice: invoice } = options;
  if (creditNote != null) {
    if (!isOneOf(TERMINATION_CREDIT_NOTES, creditNote))
      throw invalid({ on_termination_credit_note: ['invalid_value'] });
    if (plan.payInAdvance && !isOver(subscription)) subscription.onTerminationCreditNote = creditNote;
  }
  if (invoice != null) {
    if (!isOneOf(TERMINATION_INVOICES, invoice)) throw invalid({ on_termination_invoice: ['invalid_value'] });
    if (!isOver(subscription)) subscription.onTerminationInvoice = invoice;
  }
}

const isOver = ({ status }: Subscription): boolean => status === 'terminated' || status === 'canceled';

const isOneOf = (values: readonly string[], value: string): boolean => values.includes(value);
