import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { localDate } from '../../billing/calendar/local-date.ts';
import { Refusal } from '../../billing/refusal.ts';
import { tryLockCustomer } from '../../db/customer-lock.ts';
import { BillingEntity } from '../../db/entities/billing-entity.ts';
import { Customer } from '../../db/entities/customer.ts';
import { Organization } from '../../db/entities/organization.ts';
import { Plan } from '../../db/entities/plan.ts';
import { Subscription } from '../../db/entities/subscription.ts';
import { scopedTo } from '../../db/orm.ts';
import { ENDED_PLANS } from '../../db/queries/plans/ended-plans.ts';
import { sql } from '../../db/sql.ts';
import { billMissedDays } from './bill-missed-days.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { endSubscription } from './end-subscription.ts';

/** Whose subscriptions end: those of a customer, or those of a plan and its overrides. */
export type Ended = EndedCustomer | EndedPlan;

interface EndedCustomer {
  readonly organizationId: string;
  readonly customerId: string;
}

export interface EndedPlan {
  readonly organizationId: string;
  readonly planId: string;
}

/** Subscriptions that one call ends at most: it stays well below its time limit. */
const LIMIT = 20;

/** `busy`: those that are left have customers whom somebody else is billing or changing just now. */
export type EndedOutcome = 'all' | 'more' | 'busy';

interface Next {
  readonly id: string;
  readonly customerId: string;
}

/**
 * Ends running subscriptions and cancels coming ones, each in a transaction of its own under its customer's lock; whoever is busy
 * is passed over. What is ended stays so: run again it goes on where it stopped.
 *
 * @param at when service ends.
 */
export async function endSubscriptions(
  dependencies: ActivityDependencies,
  ended: Ended,
  at: Date,
): Promise<EndedOutcome> {
  const busy: string[] = [];
  for (let left = LIMIT; left > 0; left--) {
    const next = await nextOf(dependencies, ended, busy);
    if (!next) return busy.length > 0 ? 'busy' : 'all';
    if (!(await endOne(dependencies, ended.organizationId, next, at))) busy.push(next.customerId);
  }
  return 'more';
}

async function nextOf(
  { orm }: ActivityDependencies,
  ended: Ended,
  passedOver: readonly string[],
): Promise<Next | undefined> {
  const isCustomer = 'customerId' in ended;
  const [next] = await sql<Next>(
    orm.em.fork(),
    `select id, customer_id as "customerId" from subscriptions
     where organization_id = $1 and status in ('active', 'pending') and customer_id <> all($3::uuid[])
       and ${isCustomer ? 'customer_id = $2' : `plan_id in (${ENDED_PLANS})`}
     order by id limit 1`,
    [ended.organizationId, isCustomer ? ended.customerId : ended.planId, passedOver],
  );
  return next;
}

/** @returns false when the customer is busy. */
async function endOne(
  { orm, timing, realTime, fault, actsWritten }: ActivityDependencies,
  organizationId: string,
  { id, customerId }: Next,
  at: Date,
): Promise<boolean> {
  const em = scopedTo(orm.em, organizationId);
  try {
    await billMissedDays(em, { organizationId, customerId, realNow: realTime(), timing, until: at, lock: 'try' });
  } catch (error) {
    if (error instanceof Refusal && error.reason.kind === 'lock_busy') return false;
    throw error;
  }
  const isEnded = await scopedTo(orm.em, organizationId).transactional(async (inner) => {
    if (!(await tryLockCustomer(inner, customerId))) return false;
    const subscription = await inner.findOneOrFail(Subscription, { id });
    // Somebody else has ended it meanwhile.
    if (subscription.status !== 'active' && subscription.status !== 'pending') return true;
    const organization = await inner.findOneOrFail(Organization, { id: organizationId });
    const customer = await inner.findOneOrFail(Customer, { id: customerId });
    const plan = await inner.findOneOrFail(Plan, { id: subscription.planId });
    const entity = await inner.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
    const timeZone = applicableTimeZone(customer, entity);
    const now = organization.clockNow ?? realTime();
    const facts = { organization, customer, subscription, plan, timeZone, now, timing };
    await endSubscription(inner, {
      ...facts,
      at: hasGoneOn(subscription, at, timeZone) ? now : at,
      frozen: organization.clockNow != null,
      startedBy: 'dispatcher',
    });
    fault('end-subscriptions:before-commit');
    return true;
  });
  fault('end-subscriptions:after-commit');
  actsWritten();
  return isEnded;
}

/** Whether it was started or billed after the moment at which it was to end, because no worker ran then. */
const hasGoneOn = ({ startedAt, lastBillingDay }: Subscription, at: Date, timeZone: string): boolean =>
  (startedAt != null && startedAt > at) ||
  (lastBillingDay != null && lastBillingDay > localDate(at, timeZone).toString());
