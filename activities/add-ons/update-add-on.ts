import type { EntityManager } from '@mikro-orm/postgresql';
import { AddOn } from '../../db/entities/add-ons/add-on.ts';
import type { CommandScope } from '../command-scope.ts';
import { refuseTakenCode } from '../refuse-taken-code.ts';
import { lockAddOn, withTaxes, type AddOnTerms, type SavedAddOn } from './saved-add-on.ts';

export interface UpdateAddOn {
  /** What is absent stays. */
  readonly terms: Partial<AddOnTerms>;
  /** Of all its taxes; null: they stay as they are. */
  readonly taxCodes: readonly string[] | null;
}

/**
 * Changes an add-on in the caller's transaction; past fees stay as they are (spec, subscriptions-and-invoices 9).
 *
 * @throws Refusal 404 `add_on_not_found`, `tax_not_found`; 422 `code: value_already_exist`.
 */
export async function updateAddOn(
  em: EntityManager,
  scope: CommandScope,
  code: string,
  { terms, taxCodes }: UpdateAddOn,
): Promise<SavedAddOn> {
  const addOn = await lockAddOn(em, code);
  if (terms.code !== undefined && terms.code !== addOn.code) {
    await refuseTakenCode(em, AddOn, { code: terms.code, deletedAt: null });
  }
  em.assign(addOn, { ...terms, updatedAt: scope.now });
  await em.flush();
  return withTaxes(em, scope, addOn, taxCodes);
}
