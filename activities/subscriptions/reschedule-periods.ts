import { heartbeat } from '@temporalio/activity';
import type { EntityManager } from '@mikro-orm/postgresql';
import { replanActs, runningActs } from '../../db/acts/replan-acts.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import { customersInZoneOf } from '../../db/queries/customers/zone-customers.ts';
import { subscriptionContexts } from '../../db/queries/subscriptions/subscription-context.ts';
import type { BillingTiming } from '../billing-timing.ts';
import { done, inActTransaction } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { startOfPending } from './activate-subscription.ts';
import { nextPeriodAct } from './next-period.ts';
import type { MoveDueDatesArgument } from './move-due-dates-act.ts';

/** Customers of one page. */
const PAGE = 500;

/**
 * Moves the due moments of these customers' running periods and coming starts to where the present rows say: a time
 * zone or an ending has changed. A workflow whose moment comes earlier is told to look again; one that waits too short
 * a time finds the truth when it wakes.
 *
 * @returns acts that are new: there was none.
 */
export async function rescheduleCustomers(
  em: EntityManager,
  organizationId: string,
  customerIds: readonly string[],
  now: Date,
  timing: BillingTiming,
): Promise<WantedAct[]> {
  const contexts = await subscriptionContexts(em, organizationId, { customerIds }, 'read');
  const acts = contexts.map((context) => {
    const hasTestClock = context.clockNow !== null;
    return context.subscription.status === 'pending'
      ? startOfPending(context.subscription, context.timeZone, hasTestClock)
      : nextPeriodAct({ ...context, hasTestClock }, timing);
  });
  return moveActs(
    em,
    acts.filter((act) => act !== null),
    now,
  );
}

/**
 * A running period keeps its act, and with it the workflow, also when its first day is another in the new zone: there
 * and back again it is the same. What has stayed behind is left as it was planned.
 */
async function moveActs(em: EntityManager, acts: readonly WantedAct[], now: Date): Promise<WantedAct[]> {
  const open = await runningActs(
    em,
    [...new Set(acts.map((act) => act.organizationId))],
    acts.map(({ subscriptionId }) => subscriptionId!),
  );
  const runningOf = ({ kind, subscriptionId }: WantedAct) =>
    open.find((act) => act.kind === kind && act.subscriptionId === subscriptionId);
  const moved = acts.flatMap((act) => {
    const running = runningOf(act);
    return running ? [{ ...act, id: running.id, argument: { ...act.argument, actId: running.id } }] : [];
  });
  await replanActs(em, moved);
  const fresh = acts.filter((act) => !runningOf(act));
  await wantActs(em, fresh, now, { startedBy: 'dispatcher' });
  return fresh;
}

/** The same for one customer, in the transaction that changes its time zone. */
export const rescheduleCustomer = (
  em: EntityManager,
  { id, organizationId }: Pick<Customer, 'id' | 'organizationId'>,
  now: Date,
  timing: BillingTiming,
): Promise<WantedAct[]> => rescheduleCustomers(em, organizationId, [id], now, timing);

/**
 * One page of a billing entity's customers, those without a time zone of their own.
 *
 * @returns the last customer of the page, null when that was all (the act is then done).
 */
export async function reschedulePage(
  dependencies: ActivityDependencies,
  { actId, organizationId, billingEntityId }: MoveDueDatesArgument,
  after: string,
): Promise<string | null> {
  heartbeat();
  const { realTime, timing } = dependencies;
  return inActTransaction<string | null>(dependencies, 'reschedule', { organizationId }, async (em) => {
    const customerIds = await customersInZoneOf(em, { organizationId, billingEntityId, after, limit: PAGE });
    const organization = await em.findOneOrFail(Organization, { id: organizationId });
    await rescheduleCustomers(em, organizationId, customerIds, organization.clockNow ?? realTime(), timing);
    if (customerIds.length === PAGE) return done(customerIds[PAGE - 1]!);
    await finishActs(em, [actId]);
    return done(null);
  });
}
