import type { EntityManager } from '@mikro-orm/postgresql';
import type { WantedAct } from '../../db/acts/act.ts';
import { wantActsAgain } from '../../db/acts/want-acts.ts';
import { lockCustomer } from '../../db/customer-lock.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import { flagDrafts } from '../../db/queries/invoices/draft-row.ts';
import { refreshAct } from './refresh-act.ts';
import type { CommandScope } from '../command-scope.ts';
import { refreshLocked } from './refresh-invoice.ts';

/**
 * Flags a draft and wants it made anew, in the caller's transaction.
 *
 * @returns the act, for the request to join.
 */
export async function requestRefresh(
  em: EntityManager,
  { now }: CommandScope,
  { id: invoiceId, organizationId, customerId }: Invoice,
): Promise<WantedAct> {
  const act = refreshAct({ organizationId, customerId, invoiceId });
  // The flag first: a refresh that is at work holds it until it ends its act.
  await flagDrafts(em, [invoiceId]);
  await wantActsAgain(em, [act], now, { startedBy: 'writer' });
  return act;
}

/**
 * Makes a flagged draft anew for a request whose workflow does not answer, in the caller's transaction.
 *
 * @throws Refusal 422 `lock_acquisition_failed`.
 */
export async function refreshOnRequest(
  em: EntityManager,
  scope: CommandScope,
  { id, customerId }: Pick<Invoice, 'id' | 'customerId'>,
): Promise<void> {
  await lockCustomer(em, customerId);
  await refreshLocked(em, id, scope.realTime);
}
