import type { EntityManager } from '@mikro-orm/postgresql';
import { calculateInvoice } from '../../billing/invoices/calculate-invoice.ts';
import type { InvoiceFacts } from '../../billing/invoices/invoice-facts.ts';
import type { CalculatedInvoice } from '../../billing/invoices/invoice.ts';
import { waitForDay } from '../../db/acts/draft-moments.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import { finalizeId, type FinalizeArgument } from './finalize-act.ts';
import { refreshId } from './refresh-act.ts';
import { doAct, doStages, ended, type ActStages, type Busy } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { loadDraft, loadDraftFacts, type Draft } from './rebuild-draft.ts';
import { redateDrafts } from './redate-drafts.ts';
import { replaceDraft } from './save-invoices.ts';

/**
 * `pending`: it has no number before its taxes are known (spec, subscriptions-and-invoices 6.3). `closed`: an invoice
 * without fees that nobody wants; it has no number. `already_done`: it is no draft any more.
 */
export interface FinalizedOutcome {
  readonly outcome: 'finalized' | 'pending' | 'closed' | 'already_done';
}

export type FinalizeOutcome =
  | FinalizedOutcome
  | Busy
  /** Its day is a later one. */
  | { readonly outcome: 'moved'; readonly dueAt: string };

/**
 * Makes a draft final when its act is due, in one transaction: calculated from zero with everything that came in time,
 * its number last (spec, subscriptions-and-invoices 6.6). May run any number of times, side by side too.
 */
export function finalizeInvoice(
  dependencies: ActivityDependencies,
  argument: FinalizeArgument,
): Promise<FinalizeOutcome> {
  const stages = finalization(dependencies.realTime);
  return doAct<FinalizeArgument, Draft, InvoiceFacts, CalculatedInvoice, FinalizeOutcome>(
    dependencies,
    {
      ...stages,
      load: async (em, act) => {
        const later = await laterMoment(em, act, dependencies.realTime());
        return later === null ? stages.load(em, act) : ended({ outcome: 'moved', dueAt: later });
      },
    },
    argument,
  );
}

/**
 * @param realTime for live organizations; asked once the lock is held, so that waiting for it moves no invoice to the
 * day before.
 */
const finalization = (
  realTime: () => Date,
): ActStages<Pick<FinalizeArgument, 'invoiceId'>, Draft, InvoiceFacts, CalculatedInvoice, FinalizedOutcome> => ({
  name: 'finalize',
  alreadyDone: { outcome: 'already_done' },
  load: async (em, { invoiceId }) => {
    const draft = await loadDraft(em, invoiceId, realTime());
    if (draft) return draft;
    await finishActs(em, actsOf(invoiceId));
    return ended({ outcome: 'already_done' });
  },
  hold: (em, draft) => loadDraftFacts(em, draft, true),
  decide: calculateInvoice,
  save: async (em, calculated, { place, invoice }) => {
    // Before the number, which holds the counters.
    await finishActs(em, actsOf(invoice.id));
    await replaceDraft(em, place, invoice, calculated, 'finalization');
    const { status } = calculated;
    if (status !== 'finalized' && status !== 'pending' && status !== 'closed')
      throw new Error(`an invoice that is made final has become ${status}`);
    return { outcome: status };
  },
});

const actsOf = (invoiceId: string): readonly string[] => [finalizeId(invoiceId), refreshId(invoiceId)];

/**
 * The moment that the draft's settings of now give it, null when it has come. A change of the billing entity's settings
 * may not have reached this draft yet.
 */
async function laterMoment(
  em: EntityManager,
  { actId, organizationId, invoiceId }: FinalizeArgument,
  realNow: Date,
): Promise<string | null> {
  const { clockNow } = await em.findOneOrFail(Organization, { id: organizationId });
  const now = clockNow ?? realNow;
  await redateDrafts(em, organizationId, { invoiceIds: [invoiceId] }, now);
  const later = await waitForDay(em, { actId, invoiceId }, now);
  return later?.toISOString() ?? null;
}

/**
 * Makes a draft final now, whatever its day, in the transaction of a caller who holds the customer's lock.
 *
 * @param realNow real time, for live organizations.
 */
export const finalizeLocked = (em: EntityManager, invoiceId: string, realNow: Date): Promise<FinalizedOutcome> =>
  doStages(
    em,
    finalization(() => realNow),
    { invoiceId },
  );
