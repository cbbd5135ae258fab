import type { EntityManager } from '@mikro-orm/postgresql';
import { calculateInvoice } from '../../billing/invoices/calculate-invoice.ts';
import type { InvoiceFacts } from '../../billing/invoices/invoice-facts.ts';
import type { CalculatedInvoice } from '../../billing/invoices/invoice.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { refreshId, type RefreshArgument } from './refresh-act.ts';
import { doAct, doStages, ended, type ActStages, type Busy } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { loadDraft, loadDraftFacts, type Draft } from './rebuild-draft.ts';
import { redateDrafts } from './redate-drafts.ts';
import { replaceDraft } from './save-invoices.ts';

/** `unflagged`: it says what it should. `gone`: it is no draft any more. */
export interface RefreshedOutcome {
  readonly outcome: 'refreshed' | 'unflagged' | 'gone';
}

/**
 * Makes a flagged draft anew, in one transaction (spec, subscriptions-and-invoices 6.6; S044 to S046). May run any
 * number of times, side by side too: whoever clears the flag does it.
 */
export const refreshInvoice = (
  dependencies: ActivityDependencies,
  argument: RefreshArgument,
): Promise<RefreshedOutcome | Busy> => doAct(dependencies, refreshing(dependencies.realTime), argument);

/** @param realTime for live organizations; asked once the lock is held. */
const refreshing = (
  realTime: () => Date,
): ActStages<Pick<RefreshArgument, 'invoiceId'>, Draft, InvoiceFacts, CalculatedInvoice, RefreshedOutcome> => ({
  name: 'refresh',
  alreadyDone: { outcome: 'unflagged' },
  load: async (em, { invoiceId }) => {
    const draft = await loadDraft(em, invoiceId, realTime());
    // The act ends with the flag, which is held: whoever sets it from now on wants the act again.
    await finishActs(em, [refreshId(invoiceId)]);
    if (!draft) return ended({ outcome: 'gone' });
    return draft.invoice.readyToBeRefreshed ? draft : ended({ outcome: 'unflagged' });
  },
  hold: async (em, draft, { invoiceId }) => {
    // It is calculated by the settings of now: first its dates, and with them the moment at which it becomes final.
    const { invoice, place } = draft;
    const { moved } = await redateDrafts(em, invoice.organizationId, { invoiceIds: [invoiceId] }, place.now);
    if (moved.length > 0) await em.refresh(invoice);
    return loadDraftFacts(em, draft, false);
  },
  decide: calculateInvoice,
  save: async (em, calculated, { place, invoice }) => {
    await replaceDraft(em, place, invoice, calculated, 'refresh');
    return { outcome: 'refreshed' };
  },
});

/**
 * The same in the transaction of a caller who holds the customer's lock.
 *
 * @param realNow real time, for live organizations.
 */
export const refreshLocked = (em: EntityManager, invoiceId: string, realNow: Date): Promise<RefreshedOutcome> =>
  doStages(
    em,
    refreshing(() => realNow),
    { invoiceId },
  );
