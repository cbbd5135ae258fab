import type { EntityManager } from '@mikro-orm/postgresql';
import { Tax } from '../../db/entities/taxes/tax.ts';
import { holdBillingEntity } from '../../db/queries/organizations/billing-entities.ts';
import type { CommandScope } from '../command-scope.ts';
import { flagDraftsLater } from '../invoices/flag-drafts.ts';
import { refuseTakenCode } from '../refuse-taken-code.ts';
import { applyToDefaultEntity } from './apply-to-default-entity.ts';
import { lockTax, shown, type SavedTax, type TaxTerms } from './saved-tax.ts';

/** What is to become of a tax; what is absent stays. */
export interface UpdateTax {
  readonly terms: Partial<TaxTerms>;
  /** Whether the default billing entity has it from now on; null: that stays as it is. */
  readonly appliedToOrganization: boolean | null;
}

/**
 * Changes a tax in the caller's transaction. Drafts that bear it are made anew; final invoices keep the copy that they
 * have (spec, money 1.1, 1.9).
 *
 * @throws Refusal 404 `tax_not_found`; 422 `code: value_already_exist`.
 */
export async function updateTax(
  em: EntityManager,
  scope: CommandScope,
  code: string,
  { terms, appliedToOrganization }: UpdateTax,
): Promise<SavedTax> {
  const { organizationId, now, realTime } = scope;
  // The entity before the tax, as whoever gives an entity its taxes.
  const entity = appliedToOrganization === null ? null : await holdBillingEntity(em, organizationId, null);
  const tax = await lockTax(em, organizationId, code);
  if (terms.code !== undefined && terms.code !== tax.code) {
    await refuseTakenCode(em, Tax, { code: terms.code, deletedAt: null });
  }
  em.assign(tax, { ...terms, updatedAt: now });
  await em.flush();
  const changed = [{ kind: 'tax', id: tax.id } as const];
  const acts = await flagDraftsLater(em, { organizationId, changed, now, at: realTime });
  const applied = entity ? await applyToDefaultEntity(em, scope, entity, tax, appliedToOrganization === true) : [];
  return { tax: await shown(em, tax), acts: [...acts, ...applied] };
}
