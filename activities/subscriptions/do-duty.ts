import type { EntityManager } from '@mikro-orm/postgresql';
import { nextTerminationAlert } from '../../billing/calendar/termination-alert.ts';
import { moveToNext } from '../../db/acts/own-moment.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { dutyRanks } from './period-act.ts';
import { dutyFactsOf } from '../../billing/subscriptions/terms-of.ts';
import { announceSubscription } from '../webhooks/announce.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { DueCustomer, DueDuty } from './load-due.ts';
import { dutyMoment } from './next-period.ts';
import { terminateSubscription } from './terminate-subscription.ts';
import { firstInvoiceAct } from './first-invoice-act.ts';

/**
 * Does a duty within a period, in the running transaction, and moves the period's act to the next one. What has to be
 * billed for it is an act of its own. Call it under the customer's lock.
 */
export async function doDuty(
  em: EntityManager,
  { timing }: Pick<ActivityDependencies, 'timing'>,
  due: DueCustomer,
  { subscription: { id }, ...found }: DueDuty,
): Promise<void> {
  // The rows of `found` are read-only copies: changes are saved through an entity of this transaction.
  const subscription = await em.findOneOrFail(Subscription, { id });
  const dueDuty = { ...found, subscription };
  switch (dueDuty.duty.kind) {
    case 'termination_alert':
      await announceEnding(em, due, dueDuty, timing.alertDays);
      break;
    case 'trial_end':
      await endTrial(em, due, dueDuty);
      break;
    case 'ending': {
      const { organization, customer, timeZone, now, hasTestClock } = due;
      const { plan, chain, duty } = dueDuty;
      await terminateSubscription(em, {
        organization,
        customer,
        subscription,
        plan,
        chain,
        timeZone,
        at: duty.dueAt,
        now,
        hasTestClock,
        timing,
        isAsked: false,
        startedBy: 'dispatcher',
      });
      break;
    }
  }
  await em.flush();
  await moveAct(em, due, dueDuty, timing);
}

async function moveAct(
  em: EntityManager,
  due: DueCustomer,
  { actId, subscription, plan, chain }: DueDuty,
  timing: ActivityDependencies['timing'],
): Promise<void> {
  const next = dutyMoment({ ...due, subscription, plan, chain }, timing);
  if (next === null) {
    await finishActs(em, [actId]);
    return;
  }
  await moveToNext(em, actId, { dueAt: next.dueAt, rank: dutyRanks[next.duty.kind] });
}

/**
 * Announces the end once. After a time in which nothing ran several announcements may be due: the endpoints hear of it
 * once then, and each of the days counts as announced (spec, subscriptions-and-invoices 2.12).
 */
async function announceEnding(
  em: EntityManager,
  { now, timeZone }: DueCustomer,
  { subscription, plan, chain }: DueDuty,
  alertDays: readonly number[],
): Promise<void> {
  for (let left = alertDays.length; left > 0; left--) {
    const alert = nextTerminationAlert(dutyFactsOf(subscription, plan, { timeZone, chain, alertDays }));
    if (alert === null || alert.dueAt > now) break;
    subscription.terminationAlertDates = [...subscription.terminationAlertDates, alert.alertDate];
  }
  await em.flush();
  await announceSubscription(em, subscription, now, ['subscription.termination_alert']);
}

/**
 * Notes that a trial has passed. A plan in advance pays from then on, by an invoice of its own, unless the periodic one
 * of that day has the fee; of a trial that was over before the subscription was made nothing is left to bill (spec,
 * subscriptions-and-invoices 5.3, 4.5).
 */
async function endTrial(
  em: EntityManager,
  due: DueCustomer,
  { subscription, plan, duty, day }: DueDuty,
): Promise<void> {
  const { organization, customer, now, hasTestClock } = due;
  const trialEnd = duty.dueAt;
  subscription.trialEndedAt = trialEnd;
  subscription.updatedAt = now;
  await em.flush();
  await announceSubscription(em, subscription, now, ['subscription.trial_ended']);
  const isBilledPeriodically = subscription.lastBillingDay === day;
  if (!plan.payInAdvance || isBilledPeriodically || trialEnd <= subscription.createdAt) return;
  const act = firstInvoiceAct({
    organizationId: organization.id,
    customerId: customer.id,
    subscriptionId: subscription.id,
    at: trialEnd,
    hasTestClock,
  });
  await wantActs(em, [act], now, { startedBy: 'dispatcher' });
}
