import type { EntityManager } from '@mikro-orm/postgresql';
import { localDate, parseLocalDate, startOfLocalDay } from '../../billing/calendar/local-date.ts';
import { calculateInvoice } from '../../billing/invoices/calculate-invoice.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { renamePeriods, waitIfLater } from '../../db/acts/due-moments.ts';
import { succeedActs } from '../../db/acts/succeed-acts.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { CalculatedInvoice } from '../../billing/invoices/invoice.ts';
import { taxedParties, type PlannedInvoice } from '../../billing/invoices/planned-invoice.ts';
import { lockAct } from '../../db/customer-lock.ts';
import { noteBilledDays } from '../../db/queries/subscriptions/billed-days.ts';
import { claimGroup, freeInvoiceId, type GroupClaim } from '../../db/queries/subscriptions/billing-claims.ts';
import { dutyOfRank, dutyRanks, type PeriodArgument, type AwaitedDuty } from './period-act.ts';
import { done, ended, inActTransaction } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { makeOwnInvoice } from './bill-own-invoice.ts';
import { doDuty } from './do-duty.ts';
import { loadDue, type DueCustomer, type DueDuty, type DueGroup, type DuePeriod } from './load-due.ts';
import { isTransient } from '../failures.ts';
import { holdSources } from '../invoices/hold-sources.ts';
import { loadInvoiceFacts } from '../invoices/load-invoice-facts.ts';
import { periodicInvoiceId } from '../invoices/invoice-id.ts';
import { nextPeriodAct } from './next-period.ts';
import { saveInvoice, type InvoicePlace } from '../invoices/save-invoice.ts';
import type { OwnInvoiceArgument } from './own-invoice-argument.ts';

export type BillPeriodOutcome =
  | { readonly outcome: 'billed'; readonly invoiceId: string }
  | { readonly outcome: 'already_done' | 'superseded' }
  /** Somebody else has the customer's lock: wait durably and come again. */
  | { readonly outcome: 'busy' }
  /** The period ends later than it seemed. */
  | { readonly outcome: 'moved'; readonly dueAt: string; readonly duty: AwaitedDuty };

/** Invoices that one call makes of a customer before its own at most. */
const MAX_GROUPS = 200;

type BillingTurn =
  | { readonly kind: 'end'; readonly outcome: BillPeriodOutcome }
  | { readonly kind: 'duty done' }
  | { readonly kind: 'billed'; readonly group: DueGroup; readonly invoiceId: string };

/**
 * Does what is due of a period's act: first whatever else of its customer is to be billed for an earlier day, then the
 * duties within the period, at last its own group, one transaction a duty or an invoice (spec,
 * subscriptions-and-invoices 4.4, 4.5). May run any number of times, side by side too.
 *
 * @throws what will not pass by itself, for the group of this act only; other groups' failures are left to their own
 * acts.
 */
export async function billPeriod(
  dependencies: ActivityDependencies,
  argument: PeriodArgument,
): Promise<BillPeriodOutcome> {
  const failed = new Set<string>();
  for (let turns = 0; turns < MAX_GROUPS; turns++) {
    const chosen = { own: true };
    try {
      const turn = await inActTransaction<BillingTurn>(dependencies, 'period', argument, async (em) => {
        const taken = await takeTurn(em, dependencies, argument, failed, (name) => {
          chosen.own = false;
          failed.add(name);
        });
        return taken.kind === 'end' ? ended(taken) : done(taken);
      });
      if (turn.kind === 'end') return turn.outcome;
      if (turn.kind === 'duty done') continue;
      failed.delete(nameOf(turn.group));
      if (isIn(turn.group, argument.actId)) return { outcome: 'billed', invoiceId: turn.invoiceId };
    } catch (error) {
      if (chosen.own || isTransient(error)) throw error;
      // Another group of this customer: its own workflow records why it cannot be billed.
    }
  }
  return { outcome: 'busy' };
}

const nameOf = ({ billingDay, timeZone, group }: DueGroup): string => `${billingDay} ${timeZone} ${group.key}`;
const isIn = ({ periods }: DueGroup, actId: string): boolean => periods.some((period) => period.actId === actId);

async function takeTurn(
  em: EntityManager,
  dependencies: ActivityDependencies,
  argument: PeriodArgument,
  failed: ReadonlySet<string>,
  leave: (name: string) => void,
): Promise<BillingTurn> {
  const act = await lockAct(em, argument);
  if (!act || act.state === 'done') return { kind: 'end', outcome: { outcome: 'already_done' } };
  if (!act.locked) return { kind: 'end', outcome: { outcome: 'busy' } };
  const { realTime, timing } = dependencies;
  const due = await loadDue(em, argument.organizationId, act.customerId, realTime(), timing, argument.actId);
  const group = due.groups.find((candidate) => !failed.has(nameOf(candidate)));
  const duty = due.duties.find((candidate) => candidate.actId === argument.actId);
  if (duty && (!group || comesBefore(duty, group))) {
    await doDuty(em, dependencies, due, duty);
    return { kind: 'duty done' };
  }
  if (!group || !(duty || due.groups.some((candidate) => isIn(candidate, argument.actId)))) {
    return { kind: 'end', outcome: await whyNotDue(em, due, argument) };
  }
  const start = openStartOf(due, group, failed);
  if (start) {
    // If it cannot be made its own workflow records why, and the period is billed all the same.
    leave(start.actId);
    await makeOwnInvoice(em, dependencies, start);
    return { kind: 'duty done' };
  }
  if (!isIn(group, argument.actId)) leave(nameOf(group));
  const invoiceId = await billGroup(em, dependencies, due, group);
  return { kind: 'billed', group, invoiceId };
}

/** By local day, and within a day as the acts' ranks say (spec, subscriptions-and-invoices 4.5). */
export const comesBefore = ({ day, duty }: DueDuty, { billingDay }: DueGroup): boolean =>
  day < billingDay || (day === billingDay && dutyRanks[duty.kind] < dutyRanks.bill_period);

/**
 * The first invoice of one of a group's subscriptions that is still to be made. It is billed first: later fees depend
 * on whether a fee exists already (spec, subscriptions-and-invoices 5.1, 5.2).
 */
export const openStartOf = (
  { openStarts }: DueCustomer,
  { periods }: DueGroup,
  leftOut: ReadonlySet<string> = new Set(),
): OwnInvoiceArgument | undefined =>
  openStarts.find(
    ({ actId, subscriptionId }) =>
      !leftOut.has(actId) && periods.some(({ subscription }) => subscription.id === subscriptionId),
  );

/**
 * The act's own row says why there is nothing to bill: done meanwhile, moved to a later moment, or its subscription has
 * ended.
 */
async function whyNotDue(em: EntityManager, due: DueCustomer, argument: PeriodArgument): Promise<BillPeriodOutcome> {
  const later = due.notYetDue.find(({ actId }) => actId === argument.actId);
  const act = await waitIfLater(em, argument, due.now, later);
  if (!act || act.state === 'done') return { outcome: 'already_done' };
  if (act.dueAt > due.now) return { outcome: 'moved', dueAt: act.dueAt.toISOString(), duty: dutyOfRank(act.rank) };
  await finishActs(em, [argument.actId]);
  return { outcome: 'superseded' };
}

/** Bills one group in the running transaction. @returns the invoice's id. */
export async function billGroup(
  em: EntityManager,
  { timing, fault }: Pick<ActivityDependencies, 'timing' | 'fault'>,
  due: DueCustomer,
  group: DueGroup,
): Promise<string> {
  fault('period:before-claim');
  const { invoiceId, isNew, subscriptionIds } = await claim(em, due, group);
  fault('period:after-claim');
  const periods = group.periods.filter(({ subscription }) => subscriptionIds.has(subscription.id));
  const place = { ...placeOf(due, group), invoiceId, isNew };
  const calculated = periods.length === 0 ? null : await calculateGroup(em, due, group, periods, place);
  await renamePeriods(
    em,
    group.periods.filter(({ isMoved }) => isMoved),
  );
  const periodsToContinue = await noteBilled(em, group);
  await succeedActs(
    em,
    group.periods.map(({ actId }) => actId),
    successorsOf(due, periodsToContinue, timing),
    { invoiceId: calculated && invoiceId, now: due.now },
  );
  if (calculated) await saveInvoice(em, place, calculated);
  return invoiceId;
}

async function calculateGroup(
  em: EntityManager,
  due: DueCustomer,
  { billingDay, timeZone, group }: DueGroup,
  periods: readonly DuePeriod[],
  place: InvoicePlace,
): Promise<CalculatedInvoice> {
  const planned: PlannedInvoice = {
    invoiceType: 'subscription',
    invoiceId: place.invoiceId,
    customer: place.customer,
    billingEntity: place.billingEntity,
    taxed: taxedParties(place.customer),
    timeZone,
    currency: group.currency,
    billingInstant: startOfLocalDay(parseLocalDate(billingDay), timeZone),
    recurring: true,
    lines: periods.map(({ subscription, plan }) => ({
      subscription,
      plan,
      invoicingReason: 'subscription_periodic' as const,
    })),
    day: localDate(due.now, due.timeZone),
    finalizedOn: null,
    isMadeAgain: false,
    awaitedTaxes: false,
  };
  const { organizationId } = due.customer;
  const [facts] = await loadInvoiceFacts(em, organizationId, await holdSources(em, organizationId, [planned]));
  return calculateInvoice(facts!);
}

/** Finished invoices of one day and group at most: a subscription may fall due for a day whose invoice is out. */
const OCCURRENCES = 20;

const occurrencesOf = (due: DueCustomer, { billingDay, group }: DueGroup): readonly string[] =>
  Array.from({ length: OCCURRENCES }, (_, occurrence) =>
    periodicInvoiceId(due.customer.id, billingDay, group.key, occurrence),
  );

export async function invoiceIdFor(em: EntityManager, due: DueCustomer, group: DueGroup): Promise<string> {
  const chosen = await freeInvoiceId(em, occurrencesOf(due, group));
  if (chosen === undefined) throw new Error(`more than ${OCCURRENCES} invoices of ${group.billingDay}`);
  return chosen;
}

export const placeOf = (due: DueCustomer, { group }: DueGroup) => ({
  customer: due.customer,
  billingEntity: due.billingEntities.find(({ id }) => id === group.billingEntityId)!,
  purchaseOrderNumber: group.purchaseOrderNumber,
  now: due.now,
  frozen: due.frozen,
});

/** Whoever inserts a period's claim bills it (spec, subscriptions-and-invoices 13.3). */
async function claim(em: EntityManager, due: DueCustomer, group: DueGroup): Promise<GroupClaim> {
  const { organizationId } = due.customer;
  const candidates = occurrencesOf(due, group);
  const periods = group.periods.map(({ subscription, periodKey }) => ({ subscriptionId: subscription.id, periodKey }));
  const claimed = await claimGroup(em, { organizationId, candidates, periods }, due.now);
  if (!claimed) throw new Error(`more than ${OCCURRENCES} invoices of ${group.billingDay}`);
  return claimed;
}

/**
 * Notes how far the subscriptions of a group are billed, in their rows and in what was read of them.
 *
 * @returns the periods that nothing comes after yet: one that had stayed behind has had its successor since.
 */
export async function noteBilled(em: EntityManager, { periods }: DueGroup): Promise<readonly DuePeriod[]> {
  const periodsToContinue = periods.filter(
    ({ subscription: { lastBillingDay }, billingDay }) => lastBillingDay == null || lastBillingDay < billingDay,
  );
  for (const { subscription, billingDay } of periodsToContinue) subscription.lastBillingDay = billingDay;
  await noteBilledDays(
    em,
    periods.map(({ subscription }) => ({ subscriptionId: subscription.id, day: subscription.lastBillingDay ?? null })),
  );
  return periodsToContinue;
}

/** The acts of the next periods of subscriptions that are noted as billed (`noteBilled`). */
export const successorsOf = (
  due: DueCustomer,
  periods: readonly DuePeriod[],
  timing: ActivityDependencies['timing'],
): WantedAct[] =>
  periods
    .map(({ subscription, plan, chain }) =>
      nextPeriodAct(
        { ...due, subscription, plan, chain },
        timing,
        periods.map(({ actId }) => actId),
      ),
    )
    .filter((act) => act !== null);
