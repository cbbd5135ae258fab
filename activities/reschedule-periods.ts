import { heartbeat } from '@temporalio/activity';
import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../billing/calendar/applicable-time-zone.ts';
import { finishActs, wantActs, type WantedAct } from '../db/acts.ts';
import { BillingEntity } from '../db/entities/billing-entity.ts';
import { Customer } from '../db/entities/customer.ts';
import { Organization } from '../db/entities/organization.ts';
import { Plan } from '../db/entities/plan.ts';
import { Subscription } from '../db/entities/subscription.ts';
import { scopedTo } from '../db/orm.ts';
import { initialStarts } from '../db/queries/initial-starts.ts';
import { sql } from '../db/sql.ts';
import type { BillingTiming } from './billing-timing.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { startOfPending } from './activate-subscription.ts';
import { nextPeriodAct } from './next-period.ts';
import type { RescheduleArgument } from './wanted-acts.ts';

/** Customers of one page. */
const PAGE = 500;

/**
 * Moves the due moments of these customers' running periods and coming starts to where the present rows say: a time zone or an
 * ending has changed. A workflow whose moment comes
 * earlier is told to look again; one that waits too short a time finds the truth when it wakes.
 *
 * @returns acts that are new, because the first billing day itself has changed.
 */
export async function rescheduleCustomers(
  em: EntityManager,
  customerIds: readonly string[],
  now: Date,
  timing: BillingTiming,
): Promise<WantedAct[]> {
  const subscriptions = await em.find(Subscription, { customerId: [...customerIds], status: ['active', 'pending'] });
  if (subscriptions.length === 0) return [];
  const customers = await em.find(Customer, { id: [...customerIds] });
  const plans = await em.find(Plan, { id: [...new Set(subscriptions.map(({ planId }) => planId))] });
  const entities = await em.find(BillingEntity, { id: [...new Set(customers.map((row) => row.billingEntityId))] });
  const organization = await em.findOneOrFail(Organization, { id: customers[0]!.organizationId });
  const starts = await initialStarts(em, subscriptions, plans);
  const acts = subscriptions.map((subscription) => {
    const customer = customers.find(({ id }) => id === subscription.customerId)!;
    const timeZone = applicableTimeZone(
      customer,
      entities.find(({ id }) => id === customer.billingEntityId)!,
    );
    const plan = plans.find(({ id }) => id === subscription.planId)!;
    const frozen = organization.clockNow != null;
    if (subscription.status === 'pending') return startOfPending(subscription, timeZone, frozen);
    const initialStart = starts.get(subscription.id) ?? null;
    return nextPeriodAct({ subscription, plan, customer, timeZone, frozen, initialStart }, timing);
  });
  return moveActs(
    em,
    acts.filter((act) => act !== null),
    now,
  );
}

async function moveActs(em: EntityManager, acts: readonly WantedAct[], now: Date): Promise<WantedAct[]> {
  const open = await sql<{ id: string; subscriptionId: string }>(
    em,
    `select id, subscription_id as "subscriptionId" from acts
     where organization_id = any($1::uuid[]) and subscription_id = any($2::uuid[]) and kind in ('period', 'activate')
       and state in ('wanted', 'waiting')`,
    [[...new Set(acts.map((act) => act.organizationId))], acts.map((act) => act.subscriptionId)],
  );
  const moved = acts.filter((act) => open.some(({ id }) => id === act.id));
  await sql(
    em,
    `update acts set due_at = moved.due_at, rank = moved.rank, argument = jsonb_set(acts.argument, '{dueAt}', to_jsonb(moved.text)),
       verb = case when acts.state = 'waiting' and moved.due_at < acts.due_at and not (acts.argument->>'frozen')::boolean
                   then 'signal' else acts.verb end,
       state = case when moved.due_at < acts.due_at and not (acts.argument->>'frozen')::boolean
                    then 'wanted' else acts.state end,
       changed_at = clock_timestamp()
     from unnest($1::text[], $2::timestamptz[], $2::text[], $3::int[]) as moved (id, due_at, text, rank)
     where acts.id = moved.id and acts.due_at <> moved.due_at`,
    [moved.map((act) => act.id), moved.map((act) => act.dueAt?.toISOString()), moved.map((act) => act.rank)],
  );
  // The first billing day has moved past midnight, and with it the period that it closes.
  const fresh = acts.filter((act) => !moved.includes(act));
  const superseded = open.filter(({ subscriptionId }) => fresh.some((act) => act.subscriptionId === subscriptionId));
  await finishActs(
    em,
    superseded.map(({ id }) => id),
  );
  await wantActs(em, fresh, now, { startedBy: 'dispatcher' });
  return fresh;
}

/** The same for one customer, in the transaction that changes its time zone. */
export const rescheduleCustomer = (
  em: EntityManager,
  customerId: string,
  now: Date,
  timing: BillingTiming,
): Promise<WantedAct[]> => rescheduleCustomers(em, [customerId], now, timing);

/**
 * One page of a billing entity's customers, those without a time zone of their own.
 *
 * @returns the last customer of the page, null when that was all (the act is then done).
 */
export async function reschedulePage(
  { orm, realTime, timing, actsWritten }: ActivityDependencies,
  { actId, organizationId, billingEntityId }: RescheduleArgument,
  after: string,
): Promise<string | null> {
  heartbeat();
  const last = await scopedTo(orm.em, organizationId).transactional(async (em) => {
    const page = await sql<{ id: string }>(
      em,
      `select id from customers
       where organization_id = $1 and billing_entity_id = $2 and timezone is null and deleted_at is null
         and id > coalesce(nullif($3, '')::uuid, '00000000-0000-0000-0000-000000000000')
       order by id limit ${PAGE}`,
      [organizationId, billingEntityId, after],
    );
    const organization = await em.findOneOrFail(Organization, { id: organizationId });
    await rescheduleCustomers(
      em,
      page.map(({ id }) => id),
      organization.clockNow ?? realTime(),
      timing,
    );
    if (page.length === PAGE) return page[PAGE - 1]!.id;
    await finishActs(em, [actId]);
    return null;
  });
  actsWritten();
  return last;
}
