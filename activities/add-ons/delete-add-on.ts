import type { EntityManager } from '@mikro-orm/postgresql';
import type { CommandScope } from '../command-scope.ts';
import { lockAddOn, withTaxes, type SavedAddOn } from './saved-add-on.ts';

/**
 * Deletes an add-on in the caller's transaction: nothing is sold by it any more, its code is free, and its fees stay
 * (spec, subscriptions-and-invoices 9).
 *
 * @throws Refusal 404 `add_on_not_found`.
 */
export async function deleteAddOn(em: EntityManager, scope: CommandScope, code: string): Promise<SavedAddOn> {
  const addOn = await lockAddOn(em, code);
  em.assign(addOn, { deletedAt: scope.now, updatedAt: scope.now });
  await em.flush();
  return withTaxes(em, scope, addOn, null);
}
