import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../billing/calendar/applicable-time-zone.ts';
import { parseLocalDate, startOfLocalDay } from '../billing/calendar/local-date.ts';
import { invoicingGroups, type InvoicingGroup } from '../billing/invoices/invoicing-group.ts';
import { BillingEntity } from '../db/entities/billing-entity.ts';
import { Customer } from '../db/entities/customer.ts';
import { Organization } from '../db/entities/organization.ts';
import { Plan } from '../db/entities/plan.ts';
import { Subscription } from '../db/entities/subscription.ts';
import { instantOf, sql } from '../db/sql.ts';
import { dueMoment, type BillingTiming } from './billing-timing.ts';

/** A subscription whose period is due, with the act that bills it. */
export interface DuePeriod {
  readonly actId: string;
  readonly periodKey: string;
  readonly billingDay: string;
  readonly dueAt: Date;
  readonly subscription: Subscription;
  readonly plan: Plan;
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
  /** Acts that are due later than their rows say, because a time zone has changed. */
  readonly notYetDue: readonly { readonly actId: string; readonly dueAt: Date }[];
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
  const subscriptions = await em.find(Subscription, { id: acts.map((act) => act.subscriptionId), status: 'active' });
  const plans = await em.find(Plan, { id: unique(subscriptions.map((subscription) => subscription.planId)) });
  const billingEntities = await loadEntities(em, customer, subscriptions);
  const timeZone = applicableTimeZone(customer, billingEntities[0]!);
  const periods: DuePeriod[] = [];
  const notYetDue: { actId: string; dueAt: Date }[] = [];
  for (const act of acts) {
    const subscription = subscriptions.find(({ id }) => id === act.subscriptionId);
    const plan = plans.find(({ id }) => id === subscription?.planId);
    if (!subscription || !plan) continue;
    const dutyAt = startOfLocalDay(parseLocalDate(act.billingDay), timeZone);
    const dueAt = dueMoment(dutyAt, customerId, frozen, timing);
    if (dueAt > now) notYetDue.push({ actId: act.id, dueAt });
    else periods.push({ ...act, actId: act.id, dueAt: instantOf(act.dueAt), subscription, plan });
  }
  return {
    organization,
    customer,
    billingEntities,
    timeZone,
    now,
    frozen,
    groups: groupByInvoice(periods, customer.billingEntityId),
    notYetDue,
  };
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
