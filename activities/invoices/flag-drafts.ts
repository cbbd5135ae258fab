import { heartbeat } from '@temporalio/activity';
import type { EntityManager } from '@mikro-orm/postgresql';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { wantActs, wantActsAgain } from '../../db/acts/want-acts.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import { done, inActTransaction } from '../acts/do-act.ts';
import { flagDrafts } from '../../db/queries/invoices/flagged-drafts.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { flagDraftsAct, type ChangedSource, type FlagDraftsArgument } from './flag-drafts-act.ts';
import { refreshAct } from './refresh-act.ts';

/** Drafts that are flagged in one transaction. */
const PAGE = 500;

/**
 * Flags the drafts that are made from what has changed, and wants a refresh of each (spec, subscriptions-and-invoices
 * 6.6), in the transaction of the change: the first page here, what is left in the background. However often a draft is
 * flagged before its refresh comes, one refresh is open (S045).
 *
 * @param now the organization's clock.
 * @param at real time.
 * @returns the act of the rest, for the request to start; the dispatcher sees to the refreshes.
 */
export async function flagDraftsOf(
  em: EntityManager,
  { organizationId, changed, now, at }: { organizationId: string; changed: ChangedSource; now: Date; at: Date },
): Promise<WantedAct[]> {
  const last = await flagPage(em, organizationId, changed, '', now);
  if (last === null) return [];
  const rest = flagDraftsAct({ organizationId, changed, after: last, at });
  await wantActs(em, [rest], now);
  return [rest];
}

/**
 * The same where the caller holds what whoever makes one of these drafts final will ask for, a billing entity's row:
 * all of them are flagged in the background, so that neither waits for the other.
 *
 * @returns the acts, for the request to start.
 */
export async function flagDraftsLater(
  em: EntityManager,
  {
    organizationId,
    changed,
    now,
    at,
  }: { organizationId: string; changed: readonly ChangedSource[]; now: Date; at: Date },
): Promise<WantedAct[]> {
  const acts = changed.map((source) => flagDraftsAct({ organizationId, changed: source, after: '', at }));
  await wantActs(em, acts, now);
  return acts;
}

/**
 * One page of what is left.
 *
 * @returns the last draft of the page, null when that was all (the act is then done).
 */
export async function flagDraftsPage(
  dependencies: ActivityDependencies,
  { actId, organizationId, changed }: FlagDraftsArgument,
  after: string,
): Promise<string | null> {
  heartbeat();
  return inActTransaction(dependencies, 'flagDrafts', { organizationId }, async (em) => {
    const { clockNow } = await em.findOneOrFail(Organization, { id: organizationId });
    const lastOfPage = await flagPage(em, organizationId, changed, after, clockNow ?? dependencies.realTime());
    if (lastOfPage === null) await finishActs(em, [actId]);
    return done(lastOfPage);
  });
}

/**
 * The flags come before the acts: a refresh holds the flag when it ends its act, so that none of them is lost between.
 */
async function flagPage(
  em: EntityManager,
  organizationId: string,
  changed: ChangedSource,
  after: string,
  now: Date,
): Promise<string | null> {
  const drafts = await flagDrafts(em, { organizationId, changed, after, limit: PAGE });
  const acts = drafts.map(({ id, customerId }) => refreshAct({ organizationId, customerId, invoiceId: id }));
  await wantActsAgain(em, acts, now, { startedBy: 'dispatcher' });
  return drafts.length === PAGE ? drafts.at(-1)!.id : null;
}
