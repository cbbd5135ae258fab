import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { isBefore, localDate } from '../../billing/calendar/local-date.ts';
import { closesPeriod, type DutyWithinPeriod } from '../../billing/calendar/next-duty.ts';
import { invoicingGroups, type InvoicingGroup } from '../../billing/invoices/invoicing-group.ts';
import { BillingEntity } from '../../db/entities/billing-entity.ts';
import { Customer } from '../../db/entities/customer.ts';
import { Plan } from '../../db/entities/plan.ts';
import { Subscription } from '../../db/entities/subscription.ts';
import { initialStarts } from '../../db/queries/subscriptions/initial-starts.ts';
import { joinedRows, readerOf } from '../../db/queries/joined-rows.ts';
import { rowsById } from '../../db/queries/rows-by-id.ts';
import { instantOf, sql } from '../../db/sql.ts';
import { deletePlanId } from '../plans/delete-plan-act.ts';
import { dutyRanks } from './period-act.ts';
import type { BillingTiming } from '../billing-timing.ts';
import { dutyMoment } from './next-period.ts';
import type { BoundaryArgument } from './boundary-argument.ts';

/** A subscription whose period is due, with the act that bills it. */
export interface DuePeriod {
  readonly actId: string;
  readonly periodKey: string;
  readonly billingDay: string;
  /** In which the billing day and its windows are told: the customer's of now, or of when it was due. */
  readonly timeZone: string;
  /** Whether its act was planned for another period: the zone has changed, and the act has not been told yet. */
  readonly isMoved?: boolean;
  readonly dueAt: Date;
  readonly subscription: Subscription;
  readonly plan: Plan;
}

/** A duty within a period that is due: the end of a trial, an ending, an announcement. */
export interface DueDuty {
  readonly actId: string;
  readonly subscription: Subscription;
  readonly plan: Plan;
  readonly duty: DutyWithinPeriod;
  /** `YYYY-MM-DD`, the customer's date. */
  readonly day: string;
}

/** Subscriptions of one customer that share an invoice of one day. */
export interface DueGroup {
  /** `YYYY-MM-DD`, the customer's date. */
  readonly billingDay: string;
  /** That of its periods. */
  readonly timeZone: string;
  readonly group: InvoicingGroup;
  readonly periods: readonly DuePeriod[];
}

export interface DueCustomer {
  readonly organization: { readonly id: string };
  readonly customer: Customer;
  /** The customer's own entity first. */
  readonly billingEntities: readonly BillingEntity[];
  readonly timeZone: string;
  /** The organization's clock. */
  readonly now: Date;
  readonly frozen: boolean;
  /** Oldest day first. */
  readonly groups: readonly DueGroup[];
  readonly duties: readonly DueDuty[];
  /** As in `initialStarts`. */
  readonly initialStarts: ReadonlyMap<string, Date>;
  /** Open acts of first invoices: of one subscription, the first invoice is made before its periods'. */
  readonly openStarts: readonly BoundaryArgument[];
  /** Acts that are due later than their rows say: a time zone or an ending has changed, or a duty was done. */
  readonly notYetDue: readonly { readonly actId: string; readonly dueAt: Date; readonly rank: number }[];
}

interface DueRow {
  readonly [column: string]: unknown;
  readonly clockNow: string | null;
  readonly actId: string | null;
  readonly dueAt: string;
  readonly periodKey: string;
  readonly billingDay: string;
  readonly plannedZone: string | null;
  readonly planDeletedAt: string | null;
  readonly openStarts: readonly BoundaryArgument[] | null;
}

/** Periods that one look takes of a customer; the rest is found by their own workflows. */
const LIMIT = 5000;

/** First invoices that one look takes of a customer. */
const STARTS = 20;

/**
 * What is due of a customer, grouped into invoices (spec, subscriptions-and-invoices 4.2). Call it under the customer's lock.
 * The rows are for reading: a change of one is not saved.
 *
 * @param realNow real time, for live organizations.
 * @param ownActId the act that looks. When it has failed before and is tried again, it counts with all that failed on its day: an
 * invoice is made whole, never with a part of its subscriptions.
 */
export async function loadDue(
  em: EntityManager,
  organizationId: string,
  customerId: string,
  realNow: Date,
  timing: BillingTiming,
  ownActId: string,
): Promise<DueCustomer> {
  const joined = joinedRows(em);
  const rows = await sql<DueRow>(
    em,
    // Acts are looked up by their customer and nothing else: that is never more than this customer's, whatever is known of the table.
    `select ${joined.columns(Customer, 'customer')}, ${joined.columns(Subscription, 'subscription')},
            ${joined.columns(Plan, 'plan')}, ${joined.columns(BillingEntity, 'own')},
            organizations.clock_now as "clockNow", act.id as "actId",
            act.due_at as "dueAt", act.argument->>'periodKey' as "periodKey", act.argument->>'billingDay' as "billingDay",
            act.argument->>'timeZone' as "plannedZone",
            case when plan.pending_deletion then (
              select deletion.argument->>'at' from acts deletion
              where deletion.id = $6 || coalesce(plan.parent_id, plan.id)) end as "planDeletedAt",
            (select json_agg(start.argument) from (
               select argument from acts
               where acts.customer_id = $2 and (acts.kind = 'start') is true
                 and acts.state in ('wanted', 'waiting', 'working')
               order by acts.created_at, acts.id limit ${STARTS}) start) as "openStarts"
     from customers customer
       join organizations on organizations.id = customer.organization_id
       join billing_entities own on own.id = customer.billing_entity_id
       left join lateral (
         select * from (
           select * from acts
           where acts.customer_id = customer.id and (acts.kind = 'period') is true
             and acts.state in ('wanted', 'waiting', 'working') and acts.due_at <= coalesce(organizations.clock_now, $3::timestamptz)
           union all
           select failed.* from acts own
             join acts failed on failed.organization_id = own.organization_id and failed.customer_id = own.customer_id
               and failed.kind = 'period' and failed.state = 'failed'
               and failed.argument->>'billingDay' = own.argument->>'billingDay'
           where own.id = $5 and own.state = 'failed' and own.customer_id = customer.id
             and failed.due_at <= coalesce(organizations.clock_now, $3::timestamptz)) found
         order by found.due_at, found.id limit $4) act on true
       left join subscriptions subscription
         on subscription.id = act.subscription_id and subscription.status in ('active', 'terminated')
       left join plans plan on plan.id = subscription.plan_id
     where customer.organization_id = $1 and customer.id = $2
     order by act.due_at, act.id`,
    [organizationId, customerId, realNow.toISOString(), LIMIT, ownActId, deletePlanId('')],
  );
  const [first] = rows;
  const customer = first && joined.take(Customer, 'customer', first);
  const ownEntity = first && joined.take(BillingEntity, 'own', first);
  if (!first || !customer || !ownEntity) throw new Error(`customer ${customerId} is gone`);
  const clockNow = instantOf(first.clockNow);
  const frozen = clockNow !== null;
  const now = clockNow ?? realNow;
  const timeZone = applicableTimeZone(customer, ownEntity);
  const found = rows.flatMap((row) => {
    const subscription = joined.take(Subscription, 'subscription', row);
    const plan = joined.take(Plan, 'plan', row);
    if (row.actId === null || !subscription || !plan) return [];
    const { actId, periodKey, billingDay } = row;
    const deletedAt = customer.deletedAt ?? (row.planDeletedAt === null ? null : new Date(row.planDeletedAt));
    const planned = { actId, periodKey, billingDay, timeZone: row.plannedZone ?? timeZone };
    return [{ ...planned, dueAt: instantOf(row.dueAt), subscription, plan, deletedAt }];
  });
  // Only a subscription that says so has another issuer than its customer.
  const issuers = await rowsById(
    readerOf(em),
    BillingEntity,
    found.map(({ subscription }) => subscription.billingEntityId),
  );
  const starts = await initialStarts(
    em,
    found.map(({ subscription }) => subscription),
    found.map(({ plan }) => plan),
  );
  const periods: DuePeriod[] = [];
  const duties: DueDuty[] = [];
  const notYetDue: { actId: string; dueAt: Date; rank: number }[] = [];
  for (const { deletedAt, ...period } of found) {
    const { actId, subscription, plan } = period;
    if (isLeftBehind(period, timeZone)) {
      periods.push(period);
      continue;
    }
    const initialStart = starts.get(subscription.id) ?? null;
    const next = dutyMoment({ subscription, plan, customer, timeZone, frozen, initialStart }, timing);
    if (next === null) continue;
    const { duty, dueAt } = next;
    // The deletion ends it at its moment, however late the worker comes to it.
    if (deletedAt && isBefore(localDate(deletedAt, timeZone), localDate(duty.dueAt, timeZone))) continue;
    // The act's own moment has come, delay included; the duty's must not have moved past now.
    if (duty.dueAt > now) notYetDue.push({ actId, dueAt, rank: dutyRanks[duty.kind] });
    else if (closesPeriod(duty)) {
      // By the zone of now: the act may have been planned in another.
      const { billingDay, periodKey } = duty;
      const isMoved = billingDay !== period.billingDay || periodKey !== period.periodKey;
      periods.push({ ...period, billingDay, periodKey, timeZone, isMoved });
    } else duties.push({ ...period, duty, day: localDate(duty.dueAt, timeZone).toString() });
  }
  return {
    organization: { id: organizationId },
    customer,
    billingEntities: [ownEntity, ...issuers.values()],
    timeZone,
    now,
    frozen,
    groups: groupByInvoice(periods, customer.billingEntityId),
    duties,
    initialStarts: starts,
    openStarts: first.openStarts ?? [],
    notYetDue,
  };
}

/**
 * Whether a period has stayed behind: it could not be billed when it was due, and its subscription has gone on or ended since.
 * The day on which a subscription ends is not left behind: its last invoice takes it over (spec, subscriptions-and-invoices 3.4).
 */
function isLeftBehind({ billingDay, subscription }: DuePeriod, timeZone: string): boolean {
  const { status, terminatedAt, lastBillingDay } = subscription;
  if (lastBillingDay != null && billingDay <= lastBillingDay) return true;
  if (status !== 'terminated' || terminatedAt == null) return false;
  return billingDay < localDate(terminatedAt, timeZone).toString();
}

function groupByInvoice(periods: readonly DuePeriod[], ownEntityId: string): DueGroup[] {
  const days = new Map(
    periods.map(({ billingDay, timeZone }) => [`${billingDay} ${timeZone}`, { billingDay, timeZone }]),
  );
  const sorted = [...days.keys()].toSorted().map((name) => days.get(name)!);
  return sorted.flatMap(({ billingDay, timeZone }) => {
    const due = periods.filter((period) => period.billingDay === billingDay && period.timeZone === timeZone);
    const groups = invoicingGroups(
      due.map(({ subscription, plan }) => ({
        subscriptionId: subscription.id,
        paymentMethod: { id: subscription.paymentMethodId ?? null, type: subscription.paymentMethodType },
        currency: plan.amountCurrency,
        billingEntityId: subscription.billingEntityId ?? ownEntityId,
        consolidateInvoice: subscription.consolidateInvoice,
        purchaseOrderNumber: subscription.purchaseOrderNumber ?? null,
      })),
      null,
    );
    return groups.map((group) => ({
      billingDay,
      timeZone,
      group,
      periods: due.filter(({ subscription }) => group.subscriptionIds.includes(subscription.id)),
    }));
  });
}
