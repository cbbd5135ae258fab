import type { EntityManager } from '@mikro-orm/postgresql';
import { waitIfLater } from '../../db/acts/own-moment.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { lockAct, type LockedAct } from '../../db/customer-lock.ts';
import { done, ended, inActTransaction } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { isTransient } from '../failures.ts';
import { makeOwnInvoice } from './bill-own-invoice.ts';
import { billGroups } from './bill-groups.ts';
import type { OwnInvoiceArgument } from './own-invoice-argument.ts';
import { doDuty } from './do-duty.ts';
import { billInHalves, dueBeside, onlyGroupOf } from './look-ahead.ts';
import { loadDue, type DueCustomer, type DueDuty, type DueGroup } from './load-due.ts';
import { dutyOfRank, dutyRanks, type PeriodArgument, type AwaitedDuty } from './period-act.ts';

export type BillPeriodOutcome =
  /** `beside`: how many other customers were billed with it, whose acts name this one. */
  | { readonly outcome: 'billed'; readonly invoiceId: string; readonly beside?: number }
  /** `by`: the workflow that has billed it, where another one has. */
  | { readonly outcome: 'already_done'; readonly invoiceId?: string; readonly by?: string }
  | { readonly outcome: 'superseded' }
  /** Somebody else has the customer's lock: wait durably and come again. */
  | { readonly outcome: 'busy' }
  /** The period ends later than it seemed. */
  | { readonly outcome: 'moved'; readonly dueAt: string; readonly duty: AwaitedDuty };

/** Invoices that one call makes of a customer before its own at most. */
const MAX_GROUPS = 200;

type BillingTurn =
  | { readonly kind: 'end'; readonly outcome: BillPeriodOutcome }
  | { readonly kind: 'duty done' }
  | {
      readonly kind: 'billed';
      readonly due: DueCustomer;
      readonly group: DueGroup;
      readonly invoiceId: string;
      readonly beside: number;
    };

/** What a turn is about to bill, known when it fails too. */
interface Chosen {
  /** Whether it is the act's own group, or a duty of it. */
  own: boolean;
  /** The other customers on its page. */
  beside: readonly string[];
}

/**
 * Does what is due of a period's act: first whatever else of its customer is to be billed for an earlier day, then the
 * duties within the period, at last its own group, one transaction a duty or an invoice (spec,
 * subscriptions-and-invoices 4.4, 4.5). With its own group it bills other customers who are due, as a page in one
 * transaction; if that fails, its own customer alone, and then the others. May run any number of times, side by side
 * too.
 *
 * @throws what will not pass by itself, for the group of this act only; other groups' failures are left to their own
 * acts.
 */
export async function billPeriod(
  dependencies: ActivityDependencies,
  argument: PeriodArgument,
): Promise<BillPeriodOutcome> {
  const failed = new Set<string>();
  let besideLater: readonly string[] | null = null;
  for (let turns = 0; turns < MAX_GROUPS; turns++) {
    const chosen: Chosen = { own: true, beside: [] };
    const limit = besideLater === null ? dependencies.lookAhead.customers : 0;
    try {
      const turn = await inActTransaction<BillingTurn>(dependencies, 'period', argument, async (em) => {
        const taken = await takeTurn(em, dependencies, argument, { failed, chosen, limit });
        return taken.kind === 'end' ? ended(taken) : done(taken);
      });
      if (turn.kind === 'end') return turn.outcome;
      if (turn.kind === 'duty done') continue;
      failed.delete(nameOf(turn.group));
      if (!isIn(turn.group, argument.actId)) continue;
      const beside = turn.beside + (await billInHalves(dependencies, argument, turn, besideLater ?? []));
      return { outcome: 'billed', invoiceId: turn.invoiceId, ...(beside > 0 && { beside }) };
    } catch (error) {
      if (chosen.beside.length > 0) {
        besideLater = chosen.beside;
        continue;
      }
      if (chosen.own || isTransient(error)) throw error;
      // Another group of this customer: its own workflow records why it cannot be billed.
    }
  }
  return { outcome: 'busy' };
}

const nameOf = ({ billingDay, timeZone, group }: DueGroup): string => `${billingDay} ${timeZone} ${group.key}`;
const isIn = ({ periods }: DueGroup, actId: string): boolean => periods.some((period) => period.actId === actId);

/** Done by whom: the customer's own workflows, or another's that has looked ahead. */
const alreadyDone = (act: LockedAct | undefined): BillPeriodOutcome => ({
  outcome: 'already_done',
  ...(act?.invoiceId != null && { invoiceId: act.invoiceId }),
  ...(act?.doneBy != null && { by: act.doneBy }),
});

async function takeTurn(
  em: EntityManager,
  dependencies: ActivityDependencies,
  argument: PeriodArgument,
  { failed, chosen, limit }: { readonly failed: Set<string>; readonly chosen: Chosen; readonly limit: number },
): Promise<BillingTurn> {
  const leave = (name: string): void => {
    chosen.own = false;
    failed.add(name);
  };
  const act = await lockAct(em, argument);
  if (!act || act.state === 'done') return { kind: 'end', outcome: alreadyDone(act) };
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
  const isOwn = isIn(group, argument.actId);
  if (!isOwn) leave(nameOf(group));
  const looksAhead = isOwn && limit > 0 && act.state !== 'failed' && onlyGroupOf(due) !== null;
  const beside = looksAhead ? await dueBeside(em, dependencies, { due, group }, { limit }) : [];
  chosen.beside = beside.map((other) => other.due.customer.id);
  const [invoiceId] = await billGroups(em, dependencies, [{ due, group }, ...beside], argument.actId);
  return { kind: 'billed', due, group, invoiceId: invoiceId!, beside: beside.length };
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
