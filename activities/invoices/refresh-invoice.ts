import type { EntityManager } from '@mikro-orm/postgresql';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { lockAct } from '../../db/customer-lock.ts';
import { scopedTo } from '../../db/orm.ts';
import { refreshId, type RefreshArgument } from './refresh-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { loadDraft, recalculateDraft } from './rebuild-draft.ts';
import { redateDrafts } from './redate-drafts.ts';
import { replaceDraft } from './save-invoice.ts';

export type RefreshOutcome =
  /** `unflagged`: it says what it should. */
  | { readonly outcome: 'refreshed' | 'unflagged' }
  /** It is no draft any more. */
  | { readonly outcome: 'gone' }
  /** Somebody else has the customer's lock: wait durably and come again. */
  | { readonly outcome: 'busy' };

/**
 * Makes a flagged draft anew, in one transaction (spec, subscriptions-and-invoices 6.6; S044 to S046). May run any number of
 * times, side by side too: whoever clears the flag does it.
 */
export async function refreshInvoice(
  dependencies: ActivityDependencies,
  argument: RefreshArgument,
): Promise<RefreshOutcome> {
  const { orm, realTime, fault, actsWritten } = dependencies;
  const outcome = await scopedTo(orm.em, argument.organizationId).transactional(async (em): Promise<RefreshOutcome> => {
    const act = await lockAct(em, argument);
    if (!act || act.state === 'done') return { outcome: 'unflagged' };
    if (!act.locked) return { outcome: 'busy' };
    const done = await refreshLocked(em, argument.invoiceId, realTime());
    fault('refresh:before-commit');
    return { outcome: done };
  });
  fault('refresh:after-commit');
  actsWritten();
  return outcome;
}

/**
 * The same in the transaction of a caller who holds the customer's lock.
 *
 * @param realNow real time, for live organizations.
 */
export async function refreshLocked(
  em: EntityManager,
  invoiceId: string,
  realNow: Date,
): Promise<'refreshed' | 'unflagged' | 'gone'> {
  const draft = await loadDraft(em, invoiceId, realNow);
  // The act ends with the flag, which is held: whoever sets it from now on wants the act again.
  await finishActs(em, [refreshId(invoiceId)]);
  if (!draft) return 'gone';
  if (!draft.invoice.readyToBeRefreshed) return 'unflagged';
  const { invoice, place } = draft;
  // It is calculated by the settings of now: first its dates, and with them the moment at which it becomes final.
  const { moved } = await redateDrafts(em, invoice.organizationId, { invoiceId }, place.now);
  if (moved.length > 0) await em.refresh(invoice);
  await replaceDraft(em, place, invoice, await recalculateDraft(em, draft, false));
  return 'refreshed';
}
