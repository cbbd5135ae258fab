import { finishActs } from '../../db/acts/finish-acts.ts';
import { tryLockCustomer } from '../../db/customer-lock.ts';
import { terminateAppliedCoupons } from '../../db/queries/coupons/terminate-applied-coupons.ts';
import { done, ended, inActTransaction } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { finalizationAfterDeletion } from '../invoices/finalize-act.ts';
import { endAllSubscriptions } from '../subscriptions/end-all-subscriptions.ts';
import { finalizeEarly } from '../../db/acts/early-drafts.ts';
import type { DeleteCustomerArgument } from './delete-customer-act.ts';

export type DeletionOutcome =
  | { readonly outcome: 'deleted' }
  | { readonly outcome: 'more' }
  /** Invoices are still being made: come again in a while. */
  | { readonly outcome: 'waiting' }
  /** Somebody else has a customer's lock: wait durably and come again. */
  | { readonly outcome: 'busy' };

/**
 * What follows from the deletion of a customer, whose row is hidden already: its running subscriptions end with their
 * last invoices, its coming ones are canceled, its drafts become final five minutes later, without its coupons, which
 * are terminated (spec, subscriptions-and-invoices 11.2). May run any number of times. Wallets come into this function
 * with their feature.
 */
export async function deleteCustomer(
  dependencies: ActivityDependencies,
  { actId, organizationId, customerId, at }: DeleteCustomerArgument,
): Promise<DeletionOutcome> {
  const deleted = { organizationId, customerId };
  const left = await endAllSubscriptions(dependencies, deleted, new Date(at));
  if (left !== 'all') return { outcome: left };
  return inActTransaction<DeletionOutcome>(dependencies, 'deleteCustomer', deleted, async (em) => {
    // Drafts that its last invoices make from now on see to it by themselves (`finalize-act.ts`).
    if (await finalizeEarly(em, deleted, finalizationAfterDeletion(new Date(at)))) return done({ outcome: 'more' });
    if (!(await tryLockCustomer(em, customerId))) return ended({ outcome: 'busy' });
    await terminateAppliedCoupons(em, organizationId, { customerId }, new Date(at));
    await finishActs(em, [actId]);
    return done({ outcome: 'deleted' });
  });
}
