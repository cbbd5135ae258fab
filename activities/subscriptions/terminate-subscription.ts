import type { EntityManager } from '@mikro-orm/postgresql';
import { dueDayOfTermination } from '../../billing/calendar/termination-windows.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { serviceTermsOf } from '../../billing/subscriptions/terms-of.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { ownFees, type LastSubscriptionFee } from '../../db/queries/credit-notes/own-fees.ts';
import { isClaimed } from '../../db/queries/subscriptions/billing-claims.ts';
import { announceSubscription } from '../webhooks/announce.ts';
import { dueMoment, type BillingTiming } from '../billing-timing.ts';
import { noFault } from '../fault-point.ts';
import { creditUnusedPeriod, type EndOfService } from '../credit-notes/credit-unused-period.ts';
import { makeOwnInvoice } from './bill-own-invoice.ts';
import { firstInvoiceId } from './first-invoice-act.ts';
import type { OwnInvoiceArgument } from './own-invoice-argument.ts';
import { lastInvoiceAct } from './last-invoice-act.ts';

export interface Ending extends EndOfService {
  readonly organization: { readonly id: string };
  readonly customer: Customer;
  readonly hasTestClock: boolean;
  readonly timing: BillingTiming;
  /** Whether a person asks for it, who waits for the last invoice; else it has room for late events. */
  readonly isAsked: boolean;
  /** Who starts what it writes: a request does so behind its answer. */
  readonly startedBy: 'writer' | 'dispatcher';
}

/**
 * Ends an active subscription in the running transaction and wants its last invoice; if that is to be skipped, only
 * where it bills the period that closed before this day (spec, subscriptions-and-invoices 2.11, 3.4). The caller holds
 * the customer's lock, has set the subscription's options, and sees to the act of its period. What a plan in advance
 * leaves unused is credited at once, so that the last invoice is paid with it.
 *
 * @returns the acts it wrote.
 * @throws Refusal 405 `cannot_terminate_with_pending_taxes`, to a request.
 */
export async function terminateSubscription(em: EntityManager, ending: Ending): Promise<WantedAct[]> {
  const { organization, customer, subscription, plan, at, now, hasTestClock, timing, isAsked, startedBy } = ending;
  const paidFees = plan.payInAdvance ? await paidInAdvance(em, ending) : null;
  subscription.status = 'terminated';
  subscription.terminatedAt = at;
  subscription.updatedAt = now;
  if (plan.payInAdvance) subscription.onTerminationCreditNote ??= 'credit';
  await em.flush();
  const option = subscription.onTerminationCreditNote ?? 'skip';
  const whenTaxesArePending = startedBy === 'writer' ? 'refuse' : 'later';
  await creditUnusedPeriod(em, { ...ending, option, isUpgrade: false, whenTaxesArePending }, paidFees);
  await announceSubscription(em, subscription, now, ['subscription.terminated']);
  const billingInstant = subscription.onTerminationInvoice === 'skip' ? await endOfClosedPeriod(em, ending) : at;
  if (billingInstant === null) return [];
  const waits = !isAsked && !hasTestClock;
  const act = lastInvoiceAct({
    organizationId: organization.id,
    customerId: customer.id,
    subscriptionId: subscription.id,
    at: billingInstant,
    hasTestClock,
    dueAt: waits ? dueMoment(billingInstant, customer.id, hasTestClock, timing) : null,
  });
  await wantActs(em, [act], now, { startedBy });
  return [act];
}

/**
 * The last fee that a subscription in advance has paid. A first invoice that is still to be made is made before: it
 * bills the time before the end, and what of it is unused is credited.
 */
async function paidInAdvance(
  em: EntityManager,
  { organization, subscription, now }: Ending,
): Promise<LastSubscriptionFee | null> {
  const asked = {
    organizationId: organization.id,
    subscriptionId: subscription.id,
    startId: firstInvoiceId(subscription.id),
  };
  const { last, openStart } = await ownFees<OwnInvoiceArgument>(em, asked);
  if (openStart === null) return last;
  await makeOwnInvoice(em, { fault: noFault, realTime: () => now }, openStart);
  return (await ownFees(em, asked)).last;
}

/** The due moment of a period that closed on the day of the end and that nobody has billed; null: there is none. */
async function endOfClosedPeriod(
  em: EntityManager,
  { subscription, plan, chain, timeZone }: Ending,
): Promise<Date | null> {
  const due = dueDayOfTermination({
    terms: { ...serviceTermsOf(subscription, plan), next: chain.next },
    createdAt: subscription.createdAt,
    timeZone,
    lastBillingDay: subscription.lastBillingDay ?? null,
  });
  if (due === null) return null;
  return (await isClaimed(em, subscription.id, due.periodKey)) ? null : due.dueAt;
}
