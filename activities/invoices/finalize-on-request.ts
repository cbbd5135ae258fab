import type { EntityManager } from '@mikro-orm/postgresql';
import { Refusal } from '../../billing/refusal.ts';
import type { StartableAct } from '../../db/acts/act.ts';
import { makeDueNow } from '../../db/acts/bring-forward.ts';
import { lockCustomer } from '../../db/customer-lock.ts';
import { isDraft } from '../../db/queries/invoices/draft-row.ts';
import type { CommandScope } from '../command-scope.ts';
import { finalizeId } from './finalize-act.ts';
import { finalizeLocked } from './finalize-invoice.ts';

/**
 * Makes the finalization of a draft due, whatever its day.
 *
 * @returns the act, for the request to join; undefined: it is done.
 */
export const requestFinalization = (
  em: EntityManager,
  { organizationId }: CommandScope,
  invoiceId: string,
): Promise<{ readonly act: StartableAct; readonly isFirst: boolean } | undefined> =>
  makeDueNow(em, organizationId, finalizeId(invoiceId));

/**
 * Makes a draft final for a request whose workflow does not answer: the customer's lock and the invoice's status let
 * only one of both do it, and the act is done with it. An invoice that is no draft any more stays as it is.
 *
 * @param em in no transaction but its request's: it opens one.
 * @throws Refusal 422 `lock_acquisition_failed`.
 */
export async function finalizeOnRequest(
  em: EntityManager,
  scope: CommandScope,
  { id, customerId }: { readonly id: string; readonly customerId: string },
): Promise<void> {
  if (!(await isDraft(em, id))) return;
  try {
    await em.transactional(async (inner) => {
      await lockCustomer(inner, customerId);
      await finalizeLocked(inner, id, scope.realTime);
    });
  } catch (error) {
    // Whoever had the lock may have been an equal request, or the workflow after all.
    const isBusy = error instanceof Refusal && error.reason.kind === 'lock_busy';
    if (!isBusy || (await isDraft(em, id))) throw error;
  }
}
