import { isBefore, localDate } from '../calendar/local-date.ts';
import { closesPeriod, nextDuty, type Duty, type DutyWithinPeriod } from '../calendar/next-duty.ts';
import { invoicingGroups, type InvoicingGroup } from '../invoices/invoicing-group.ts';
import type { SubscriptionChain } from './subscription-chain.ts';
import type { PlanFacts, SubscriptionFacts } from './subscription-facts.ts';
import { dutyFactsOf } from './terms-of.ts';

/** A period that runs, or that has stayed behind, with what it was planned to bill. */
export interface OpenPeriod {
  readonly periodKey: string;
  /** `YYYY-MM-DD`. */
  readonly billingDay: string;
  /** In which the billing day was planned: the customer's of then. */
  readonly timeZone: string;
  readonly subscription: SubscriptionFacts;
  readonly plan: PlanFacts;
  readonly chain: SubscriptionChain;
  /** When its customer or plan was deleted; null: neither was. */
  readonly deletedAt: Date | null;
}

/**
 * A period to bill, by the zone in which it is billed: the customer's of now, or of when it was due if it has stayed
 * behind.
 */
export type DuePeriod<Period extends OpenPeriod = OpenPeriod> = Period & {
  /** Whether it was planned for another day or key, as the zone has changed since. */
  readonly isMoved: boolean;
};

/** A duty within a period: the end of a trial, an ending, an announcement. */
export type DueDuty<Period extends OpenPeriod = OpenPeriod> = Period & {
  readonly duty: DutyWithinPeriod;
  /** `YYYY-MM-DD`, the customer's date. */
  readonly day: string;
};

/** A period whose next duty comes later than it was planned. */
export type WaitingPeriod<Period extends OpenPeriod = OpenPeriod> = Period & {
  readonly duty: Exclude<Duty, { kind: 'none' }>;
};

/** Subscriptions of one customer that share an invoice of one day. */
export interface DueGroup<Period extends OpenPeriod = OpenPeriod> {
  /** `YYYY-MM-DD`, the customer's date. */
  readonly billingDay: string;
  /** That of its periods. */
  readonly timeZone: string;
  readonly group: InvoicingGroup;
  readonly periods: readonly DuePeriod<Period>[];
}

export interface DueWork<Period extends OpenPeriod = OpenPeriod> {
  /** Oldest day first. */
  readonly groups: readonly DueGroup<Period>[];
  readonly duties: readonly DueDuty<Period>[];
  readonly waiting: readonly WaitingPeriod<Period>[];
}

/** Whose periods they are, and as of when. */
export interface DueContext {
  /** The customer's. */
  readonly timeZone: string;
  /** The billing entity of the customer. */
  readonly billingEntityId: string;
  /** What is due by then; it may lie ahead. */
  readonly now: Date;
  /** Days before the end on which it is announced. */
  readonly alertDays: readonly number[];
}

/**
 * What is due of one customer, grouped into invoices (spec, subscriptions-and-invoices 4.2, 4.5).
 *
 * Two monthly periods that close on 1 April, asked on 1 April: one group of both. Asked on 31 March: both wait.
 *
 * @throws Error for a period after which the next subscription begins: no run bills it (spec,
 * subscriptions-and-invoices 2.6), and nothing plans such a duty yet.
 */
export function dueWork<Period extends OpenPeriod>(
  periods: readonly Period[],
  { timeZone, billingEntityId, now, alertDays }: DueContext,
): DueWork<Period> {
  const due: DuePeriod<Period>[] = [];
  const duties: DueDuty<Period>[] = [];
  const waiting: WaitingPeriod<Period>[] = [];
  for (const period of periods) {
    if (isLeftBehind(period, timeZone)) {
      due.push({ ...period, isMoved: false });
      continue;
    }
    const { subscription, plan, chain, deletedAt } = period;
    const duty = nextDuty(dutyFactsOf(subscription, plan, { timeZone, chain, alertDays }));
    if (duty.kind === 'none') continue;
    const day = localDate(duty.dueAt, timeZone);
    // The deletion ends it at its moment, however late the worker comes to it.
    if (deletedAt && isBefore(localDate(deletedAt, timeZone), day)) continue;
    if (duty.dueAt > now) waiting.push({ ...period, duty });
    else if (duty.kind === 'rotate') {
      throw new Error(
        `subscription ${subscription.id} goes over to its next one on ${duty.billingDay}: no run bills it`,
      );
    } else if (closesPeriod(duty)) {
      // By the zone of now: the period may have been planned in another.
      const { billingDay, periodKey } = duty;
      const isMoved = billingDay !== period.billingDay || periodKey !== period.periodKey;
      due.push({ ...period, billingDay, periodKey, timeZone, isMoved });
    } else duties.push({ ...period, duty, day: day.toString() });
  }
  return { groups: groupByInvoice(due, billingEntityId), duties, waiting };
}

/**
 * Whether this period failed when it was due, and later ones were billed since or its subscription has ended. The day
 * on which a subscription ends is not left behind: its last invoice takes it over (spec, subscriptions-and-invoices
 * 3.4).
 */
function isLeftBehind({ billingDay, subscription }: OpenPeriod, timeZone: string): boolean {
  const { status, terminatedAt, lastBillingDay } = subscription;
  if (lastBillingDay != null && billingDay <= lastBillingDay) return true;
  if (status !== 'terminated' || terminatedAt == null) return false;
  return billingDay < localDate(terminatedAt, timeZone).toString();
}

function groupByInvoice<Period extends OpenPeriod>(
  periods: readonly DuePeriod<Period>[],
  ownEntityId: string,
): DueGroup<Period>[] {
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
