import { nextDuty } from '../billing/calendar/next-duty.ts';
import type { WantedAct } from '../db/acts.ts';
import type { Customer } from '../db/entities/customer.ts';
import type { Plan } from '../db/entities/plan.ts';
import type { Subscription } from '../db/entities/subscription.ts';
import { dueMoment, type BillingTiming } from './billing-timing.ts';
import { dutyFactsOf } from '../db/subscription-terms.ts';
import { periodAct } from './wanted-acts.ts';

export interface PeriodOwner {
  readonly subscription: Subscription;
  readonly plan: Plan;
  readonly customer: Pick<Customer, 'id' | 'organizationId'>;
  readonly timeZone: string;
  /** Whether the organization's time is a test clock's. */
  readonly frozen: boolean;
}

/** The act that bills the next period of a subscription; null when nothing is left to do for it. */
export function nextPeriodAct(owner: PeriodOwner, timing: BillingTiming): WantedAct | null {
  const { subscription, plan, customer, timeZone, frozen } = owner;
  const duty = nextDuty(dutyFactsOf(subscription, plan, timeZone, false));
  if (duty.kind === 'none') return null;
  if (duty.kind !== 'bill_period') {
    throw new Error(`Subscription ${subscription.id} has a duty that this version does not do: ${duty.kind}`);
  }
  return periodAct({
    organizationId: customer.organizationId,
    customerId: customer.id,
    subscriptionId: subscription.id,
    periodKey: duty.periodKey,
    billingDay: duty.billingDay,
    frozen,
    dueAt: dueMoment(duty.dueAt, customer.id, frozen, timing),
  });
}
