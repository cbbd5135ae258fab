import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { Tax } from '../../db/entities/taxes/tax.ts';
import { holdBillingEntity } from '../../db/queries/organizations/billing-entities.ts';
import type { CommandScope } from '../command-scope.ts';
import { refuseTakenCode } from '../refuse-taken-code.ts';
import { applyToDefaultEntity } from './apply-to-default-entity.ts';
import { shown, type SavedTax, type TaxTerms } from './saved-tax.ts';

export interface CreateTax {
  readonly terms: TaxTerms;
  /** Whether the default billing entity gets it. */
  readonly appliedToOrganization: boolean;
}

/**
 * Creates a tax in the caller's transaction (spec, money 1.1).
 *
 * @throws Refusal 422 `code: value_already_exist`.
 */
export async function createTax(
  em: EntityManager,
  scope: CommandScope,
  { terms, appliedToOrganization }: CreateTax,
): Promise<SavedTax> {
  const { organizationId, now } = scope;
  // Whoever changes an entity has its row before any tax's, and waits for the code that is written here.
  const entity = appliedToOrganization ? await holdBillingEntity(em, organizationId, null) : null;
  await refuseTakenCode(em, Tax, { code: terms.code, deletedAt: null });
  const tax = em.create(Tax, { id: v7(), organizationId, ...terms, createdAt: now, updatedAt: now });
  await em.flush();
  const acts = entity ? await applyToDefaultEntity(em, scope, entity, tax, true) : [];
  return { tax: await shown(em, tax), acts };
}
