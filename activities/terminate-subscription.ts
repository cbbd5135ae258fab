import type { EntityManager } from '@mikro-orm/postgresql';
import { wantActs, type WantedAct } from '../db/acts.ts';
import type { Customer } from '../db/entities/customer.ts';
import type { Plan } from '../db/entities/plan.ts';
import type { Subscription } from '../db/entities/subscription.ts';
import { announceSubscription } from './announce.ts';
import { dueMoment, type BillingTiming } from './billing-timing.ts';
import { boundaryAct } from './wanted-acts.ts';

/** Whether the unused part of a plan in advance is given back, and how (spec, subscriptions-and-invoices 2.11). */
export const TERMINATION_CREDIT_NOTES = ['credit', 'refund', 'offset', 'skip'] as const;

/** Whether what was used until the end is billed. */
export const TERMINATION_INVOICES = ['generate', 'skip'] as const;

export interface Termination {
  readonly organization: { readonly id: string };
  readonly customer: Customer;
  readonly subscription: Subscription;
  readonly plan: Plan;
  /** When service ends. */
  readonly at: Date;
  /** The organization's clock. */
  readonly now: Date;
  readonly frozen: boolean;
  readonly timing: BillingTiming;
  /** Whether a person asks for it, who waits for the last invoice; else it has room for late events. */
  readonly isAsked: boolean;
  /** Who starts what it writes: a request does so behind its answer. */
  readonly startedBy: 'writer' | 'dispatcher';
}

/**
 * Ends an active subscription in the running transaction and wants its last invoice, unless that is to be skipped (spec,
 * subscriptions-and-invoices 2.11). The caller holds the customer's lock, has set the subscription's options, and sees to the
 * act of its period. The credit note of a plan in advance comes with credit notes.
 *
 * @returns the acts it wrote.
 */
export async function terminateSubscription(em: EntityManager, termination: Termination): Promise<WantedAct[]> {
  const { organization, customer, subscription, plan, at, now, frozen, timing, isAsked, startedBy } = termination;
  subscription.status = 'terminated';
  subscription.terminatedAt = at;
  subscription.updatedAt = now;
  if (plan.payInAdvance) subscription.onTerminationCreditNote ??= 'credit';
  await em.flush();
  await announceSubscription(em, subscription, now, ['subscription.terminated']);
  if (subscription.onTerminationInvoice === 'skip') return [];
  const waits = !isAsked && !frozen;
  const act = boundaryAct({
    organizationId: organization.id,
    customerId: customer.id,
    subscriptionId: subscription.id,
    reason: 'subscription_terminating',
    at,
    frozen,
    dueAt: waits ? dueMoment(at, customer.id, frozen, timing) : null,
  });
  await wantActs(em, [act], now, { startedBy });
  return [act];
}
