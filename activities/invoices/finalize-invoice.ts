import type { EntityManager } from '@mikro-orm/postgresql';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { lockAct } from '../../db/customer-lock.ts';
import { scopedTo } from '../../db/orm.ts';
import { instantOf, sql } from '../../db/sql.ts';
import { finalizeId, type FinalizeArgument } from './finalize-act.ts';
import { refreshId } from './refresh-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { loadDraft, recalculateDraft } from './rebuild-draft.ts';
import { redateDrafts } from './redate-drafts.ts';
import { replaceDraft } from './save-invoice.ts';

export type FinalizeOutcome =
  /** `closed`: an invoice without fees that nobody wants; it has no number. */
  | { readonly outcome: 'finalized' | 'closed' }
  /** It is no draft any more. */
  | { readonly outcome: 'already_done' }
  /** Somebody else has the customer's lock: wait durably and come again. */
  | { readonly outcome: 'busy' }
  /** Its day is a later one. */
  | { readonly outcome: 'moved'; readonly dueAt: string };

/**
 * Makes a draft final when its act is due, in one transaction: calculated from zero with everything that came in time, its
 * number last (spec, subscriptions-and-invoices 6.6). May run any number of times, side by side too.
 */
export async function finalizeInvoice(
  dependencies: ActivityDependencies,
  argument: FinalizeArgument,
): Promise<FinalizeOutcome> {
  const { orm, realTime, fault, actsWritten } = dependencies;
  const outcome = await scopedTo(orm.em, argument.organizationId).transactional(
    async (em): Promise<FinalizeOutcome> => {
      const act = await lockAct(em, argument);
      if (!act || act.state === 'done') return { outcome: 'already_done' };
      if (!act.locked) return { outcome: 'busy' };
      const later = await laterMoment(em, argument, realTime());
      if (later !== null) return { outcome: 'moved', dueAt: later };
      const done = await finalizeLocked(em, argument.invoiceId, realTime());
      fault('finalize:before-commit');
      return { outcome: done };
    },
  );
  fault('finalize:after-commit');
  actsWritten();
  return outcome;
}

/**
 * The moment that the draft's settings of now give it, null when it has come. A change of the billing entity's settings may not
 * have reached this draft yet.
 */
async function laterMoment(
  em: EntityManager,
  { actId, organizationId, invoiceId }: FinalizeArgument,
  realNow: Date,
): Promise<string | null> {
  const [{ now } = { now: null }] = await sql<{ now: string | null }>(
    em,
    'select clock_now as now from organizations where id = $1',
    [organizationId],
  );
  await redateDrafts(em, organizationId, { invoiceId }, instantOf(now) ?? realNow);
  const [act] = await sql<{ dueAt: string }>(
    em,
    `update acts set state = case when state in ('wanted', 'working') then 'waiting' else state end,
                     changed_at = clock_timestamp()
     where id = $1 and due_at > $2::timestamptz
       and exists (select from invoices where invoices.id = $3 and invoices.status = 'draft')
     returning due_at as "dueAt"`,
    [actId, (instantOf(now) ?? realNow).toISOString(), invoiceId],
  );
  return act ? instantOf(act.dueAt).toISOString() : null;
}

/**
 * Makes a draft final now, whatever its day, in the transaction of a caller who holds the customer's lock.
 *
 * @param realNow real time, for live organizations.
 */
export async function finalizeLocked(
  em: EntityManager,
  invoiceId: string,
  realNow: Date,
): Promise<'finalized' | 'closed' | 'already_done'> {
  const draft = await loadDraft(em, invoiceId, realNow);
  if (!draft) {
    await finishActs(em, [finalizeId(invoiceId), refreshId(invoiceId)]);
    return 'already_done';
  }
  const calculated = await recalculateDraft(em, draft, true);
  // Before the number, which holds the counters.
  await finishActs(em, [finalizeId(invoiceId), refreshId(invoiceId)]);
  await replaceDraft(em, draft.place, draft.invoice, calculated);
  return calculated.status === 'closed' ? 'closed' : 'finalized';
}
