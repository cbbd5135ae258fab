import type { EntityManager } from '@mikro-orm/postgresql';
import { customerSettings } from '../../billing/customers/customer-facts.ts';
import { isDraft } from '../../billing/invoices/draft-facts.ts';
import { tryLockDueBeside } from '../../db/customer-lock.ts';
import { done, inActTransaction } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { isTransient } from '../failures.ts';
import { billGroups, placeOf, type GroupToBill } from './bill-groups.ts';
import { loadDueOf, type DueCustomer, type DueGroup } from './load-due.ts';
import { periodKind, type PeriodArgument } from './period-act.ts';

/** A customer with more due periods is billed by its own workflows: a page stays short. */
const PERIODS_OF_EACH = 10;

/** Longer than a failed period waits for its second try, which records its failure. */
const LEFT_ALONE_MS = 10 * 60_000;

/** Which customers are asked for: so many of those who are due, or those of some who still are. */
export type Beside = { readonly limit: number } | { readonly among: readonly string[] };

/**
 * Locks and loads other customers of the organization who are due now, and for whom nothing is to be done but to make
 * one final invoice. Nobody is waited for, and whoever is not that simple is left to their own workflows (spec,
 * subscriptions-and-invoices 4.4).
 *
 * @param own what is billed of a customer of whom the lock is held.
 */
export async function dueBeside(
  em: EntityManager,
  { lookAhead, timing, realTime }: Pick<ActivityDependencies, 'lookAhead' | 'timing' | 'realTime'>,
  { due, group }: GroupToBill,
  beside: Beside,
): Promise<readonly GroupToBill[]> {
  const { leftAlone } = lookAhead;
  const realNow = realTime();
  for (const [id, until] of leftAlone) if (until <= realNow.getTime()) leftAlone.delete(id);
  const organizationId = due.organization.id;
  const customerIds = await tryLockDueBeside(em, {
    organizationId,
    customerId: due.customer.id,
    // A test clock that has jumped comes to its due moments one after the other.
    until: due.hasTestClock ? group.periods[0]!.dueAt : due.now,
    kind: periodKind.name,
    rank: periodKind.rank,
    leftAlone: [...leftAlone.keys()],
    among: 'among' in beside ? beside.among : null,
    limit: 'among' in beside ? beside.among.length : beside.limit,
    actsOfEach: PERIODS_OF_EACH,
  });
  if (customerIds.length === 0) return [];
  const asked = { organizationId, customerIds, realNow, ownActId: '', limit: PERIODS_OF_EACH + 1 };
  const found = await loadDueOf(em, asked, timing);
  return found.flatMap((other) => {
    const only = onlyGroupOf(other);
    return only === null ? [] : [{ due: other, group: only }];
  });
}

/** The group of a customer for whom nothing else is to be done; null: there is more to it, or less. */
export function onlyGroupOf(due: DueCustomer): DueGroup | null {
  const { groups, duties, openStarts, notYetDue, customer } = due;
  const [group] = groups;
  const isAll = groups.length === 1 && duties.length === 0 && openStarts.length === 0 && notYetDue.length === 0;
  if (!group || !isAll || group.periods.length > PERIODS_OF_EACH) return null;
  if (group.periods.some(({ isMoved, deletedAt }) => isMoved || deletedAt !== null)) return null;
  const { billingEntity } = placeOf(due, group);
  const becomesDraft = isDraft({
    invoiceType: 'subscription',
    isMadeAgain: false,
    finalizedOn: null,
    customer: customerSettings(customer),
    billingEntity,
  });
  return becomesDraft ? null : group;
}

/**
 * Bills those of a page that could not be saved who were beside its own customer, in halves, so that one who cannot be
 * billed keeps nobody else from it. That one is left to its own workflow, which records why.
 *
 * @param own what the page was made for, which is billed.
 * @returns how many were billed.
 */
export async function billInHalves(
  dependencies: ActivityDependencies,
  argument: PeriodArgument,
  own: GroupToBill,
  among: readonly string[],
): Promise<number> {
  if (among.length === 0) return 0;
  try {
    return await inActTransaction<number>(dependencies, 'period', argument, async (em) => {
      const [first, ...others] = await dueBeside(em, dependencies, own, { among });
      if (!first) return done(0);
      const billed = await billGroups(em, dependencies, [first, ...others], argument.actId);
      return done(billed.length);
    });
  } catch (error) {
    // Something that concerns all of them: each comes to its own workflow.
    if (isTransient(error)) return 0;
    const { lookAhead, realTime } = dependencies;
    if (among.length === 1) {
      lookAhead.leftAlone.set(among[0]!, realTime().getTime() + LEFT_ALONE_MS);
      return 0;
    }
    const middle = Math.ceil(among.length / 2);
    const first = await billInHalves(dependencies, argument, own, among.slice(0, middle));
    return first + (await billInHalves(dependencies, argument, own, among.slice(middle)));
  }
}
