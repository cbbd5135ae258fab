import { nextDueDay } from '../../billing/calendar/due-day.ts';
import { parseLocalDate } from '../../billing/calendar/local-date.ts';
import { closesPeriod, nextDuty, type Duty } from '../../billing/calendar/next-duty.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { PlanFacts, SubscriptionFacts } from '../../billing/subscriptions/subscription-facts.ts';
import type { SubscriptionChain } from '../../billing/subscriptions/subscription-chain.ts';
import { dutyFactsOf } from '../../billing/subscriptions/terms-of.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { dueMoment, type BillingTiming } from '../billing-timing.ts';
import { periodId, periodAct } from './period-act.ts';

export interface PeriodOwner {
  readonly subscription: SubscriptionFacts;
  readonly plan: PlanFacts;
  readonly customer: Pick<Customer, 'id' | 'organizationId'>;
  /** The customer's. */
  readonly timeZone: string;
  /** Whether the organization's time is a test clock's. */
  readonly hasTestClock: boolean;
  readonly chain: SubscriptionChain;
}

/** A duty of a subscription and the moment of the organization's clock at which it is done. */
export interface DutyMoment {
  readonly duty: Exclude<Duty, { kind: 'none' }>;
  readonly dueAt: Date;
}

/** The oldest duty of a subscription that is not done; null when nothing is left to do for it. */
export function dutyMoment(owner: PeriodOwner, timing: BillingTiming): DutyMoment | null {
  const { subscription, plan, customer, timeZone, hasTestClock, chain } = owner;
  const duty = nextDuty(dutyFactsOf(subscription, plan, { timeZone, chain, alertDays: timing.alertDays }));
  if (duty.kind === 'none') return null;
  // Late events belong to what a period bills; everything else happens when it is due.
  return { duty, dueAt: closesPeriod(duty) ? dueMoment(duty.dueAt, customer.id, hasTestClock, timing) : duty.dueAt };
}

/**
 * The act that waits for a subscription's next duty; null when nothing is left to do for it. The duties within one
 * period share its act, and with it the workflow. It is named after the last billed day, on which the period begins
 * (the first one after its period), so the id stays unique when a change of time zone moves billing days.
 *
 * @param done ids of the acts that end as this one begins.
 */
export function nextPeriodAct(
  owner: PeriodOwner,
  timing: BillingTiming,
  done: readonly string[] = [],
): WantedAct | null {
  const { subscription, plan, customer, timeZone, hasTestClock, chain } = owner;
  const next = dutyMoment(owner, timing);
  if (next === null) return null;
  const { startedAt, createdAt, lastBillingDay } = subscription;
  if (!startedAt) throw new RangeError(`the active subscription ${subscription.id} has no start`);
  const facts = dutyFactsOf(subscription, plan, { timeZone, chain, alertDays: timing.alertDays });
  const last = lastBillingDay == null ? null : parseLocalDate(lastBillingDay);
  const { periodKey, billingDay } = nextDueDay(facts, { startedAt, createdAt }, timeZone, last);
  const name = lastBillingDay ?? periodKey;
  return periodAct({
    // In a zone further west the first period may begin a day earlier, and the day on which it was planned to begin
    // closes it.
    name: done.includes(periodId(subscription.id, name)) ? `${name}-again` : name,
    organizationId: customer.organizationId,
    customerId: customer.id,
    subscriptionId: subscription.id,
    periodKey,
    billingDay,
    timeZone,
    hasTestClock,
    dueAt: next.dueAt,
    duty: next.duty.kind,
  });
}
