import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { AddOn } from '../../db/entities/add-ons/add-on.ts';
import type { CommandScope } from '../command-scope.ts';
import { refuseTakenCode } from '../refuse-taken-code.ts';
import { withTaxes, type AddOnTerms, type SavedAddOn } from './saved-add-on.ts';

export interface CreateAddOn {
  readonly terms: AddOnTerms;
  /** null: it has none. */
  readonly taxCodes: readonly string[] | null;
}

/**
 * Creates an add-on in the caller's transaction (spec, subscriptions-and-invoices 9).
 *
 * @throws Refusal 422 `code: value_already_exist`; 404 `tax_not_found`.
 */
export async function createAddOn(
  em: EntityManager,
  scope: CommandScope,
  { terms, taxCodes }: CreateAddOn,
): Promise<SavedAddOn> {
  const { organizationId, now } = scope;
  await refuseTakenCode(em, AddOn, { code: terms.code, deletedAt: null });
  const addOn = em.create(AddOn, { id: v7(), organizationId, ...terms, createdAt: now, updatedAt: now });
  await em.flush();
  return withTaxes(em, scope, addOn, taxCodes);
}
