import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../billing/calendar/applicable-time-zone.ts';
import { localDate } from '../billing/calendar/local-date.ts';
import { closesPeriod, type DutyWithinPeriod } from '../billing/calendar/next-duty.ts';
import { invoicingGroups, type InvoicingGroup } from '../billing/invoices/invoicing-group.ts';
import { BillingEntity } from '../db/entities/billing-entity.ts';
import { Customer } from '../db/entities/customer.ts';
import { Organization } from '../db/entities/organization.ts';
import { Plan } from '../db/entities/plan.ts';
import { Subscription } from '../db/entities/subscription.ts';
import { initialStarts } from '../db/queries/initial-starts.ts';
import { instantOf, sql } from '../db/sql.ts';
import { dutyRanks } from '../workflows/ids.ts';
import type { BillingTiming } from './billing-timing.ts';
import { dutyMoment } from './next-period.ts';

/** A subscription whose period is due, with the act that bills it. */
export interface DuePeriod {
  readonly actId: string;
  readonly periodKey: string;
  readonly billingDay: string;
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
  readonly group: InvoicingGroup;
  readonly periods: readonly DuePeriod[];
}

export interface DueCustomer {
  readonly organization: Organization;
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
  /** Acts that are due later than their rows say: a time zone or an ending has changed, or a duty was done. */
  readonly notYetDue: readonly { readonly actId: string; readonly dueAt: Date; readonly rank: number }[];
}

interface DueAct {
  readonly id: string;
  readonly dueAt: string;
  readonly subscriptionId: string;
  readonly periodKey: string;
  readonly billingDay: string;
}

/** Periods that one look takes of a customer; the rest is found by their own workflows. */
const LIMIT = 500;

/**
 * What is due of a customer, grouped into invoices (spec, subscriptions-and-invoices 4.2). Call it under the customer's lock.
 *
 * @param realNow real time, for live organizations.
 * @param ownActId the act that looks: it counts also when it has failed before and is tried again.
 */
export async function loadDue(
  em: EntityManager,
  organizationId: string,
  customerId: string,
  realNow: Date,
  timing: BillingTiming,
  ownActId: string,
): Promise<DueCustomer> {
  const organization = await em.findOneOrFail(Organization, { id: organizationId });
  const frozen = organization.clockNow != null;
  const now = organization.clockNow ?? realNow;
  const acts = await sql<DueAct>(
    em,
    `select id, due_at as "dueAt", subscription_id as "subscriptionId", argument->>'periodKey' as "periodKey",
            argument->>'billingDay' as "billingDay"
     from acts
     where organization_id = $1 and customer_id = $2 and kind = 'period' and due_at <= $3::timestamptz
       and (state in ('wanted', 'waiting', 'working') or id = $5 and state = 'failed')
     order by due_at, id limit $4`,
    [organizationId, customerId, now.toISOString(), LIMIT, ownActId],
  );
  const customer = await em.findOneOrFail(Customer, { id: customerId });
  const subscriptions = await em.find(Subscription, {
    id: acts.map((act) => act.subscriptionId),
    status: ['active', 'terminated'],
  });
  const plans = await em.find(Plan, { id: unique(subscriptions.map((subscription) => subscription.planId)) });
  const billingEntities = await loadEntities(em, customer, subscriptions);
  const timeZone = applicableTimeZone(customer, billingEntities[0]!);
  const starts = await initialStarts(em, subscriptions, plans);
  const periods: DuePeriod[] = [];
  const duties: DueDuty[] = [];
  const notYetDue: { actId: string; dueAt: Date; rank: number }[] = [];
  for (const act of acts) {
    const subscription = subscriptions.find(({ id }) => id === act.subscriptionId);
    const plan = plans.find(({ id }) => id === subscription?.planId);
    if (!subscription || !plan) continue;
    const period = { ...act, actId: act.id, dueAt: instantOf(act.dueAt), subscription, plan };
    if (isLeftBehind(period, timeZone)) {
      periods.push(period);
      continue;
    }
    const initialStart = starts.get(subscription.id) ?? null;
    const next = dutyMoment({ subscription, plan, customer, timeZone, frozen, initialStart }, timing);
    if (next === null) continue;
    const { duty, dueAt } = next;
    // The act's own moment has come, delay included; the duty's must not have moved past now.
    if (duty.dueAt > now) notYetDue.push({ actId: act.id, dueAt, rank: dutyRanks[duty.kind] });
    else if (closesPeriod(duty)) periods.push(period);
    else duties.push({ ...period, duty, day: localDate(duty.dueAt, timeZone).toString() });
  }
  return {
    organization,
    customer,
    billingEntities,
    timeZone,
    now,
    frozen,
    groups: groupByInvoice(periods, customer.billingEntityId),
    duties,
    initialStarts: starts,
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
  return status === 'terminated' && terminatedAt != null && billingDay < localDate(terminatedAt, timeZone).toString();
}

const unique = (ids: readonly string[]): string[] => [...new Set(ids)];

async function loadEntities(
  em: EntityManager,
  customer: Customer,
  subscriptions: readonly Subscription[],
): Promise<BillingEntity[]> {
  const own = customer.billingEntityId;
  const ids = unique([own, ...subscriptions.map((subscription) => subscription.billingEntityId ?? own)]);
  const entities = await em.find(BillingEntity, { id: ids });
  return entities.toSorted((entity) => (entity.id === own ? -1 : 1));
}

function groupByInvoice(periods: readonly DuePeriod[], ownEntityId: string): DueGroup[] {
  const days = [...new Set(periods.map((period) => period.billingDay))].toSorted();
  return days.flatMap((billingDay) => {
    const due = periods.filter((period) => period.billingDay === billingDay);
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
      group,
      periods: due.filter(({ subscription }) => group.subscriptionIds.includes(subscription.id)),
    }));
  });
}
