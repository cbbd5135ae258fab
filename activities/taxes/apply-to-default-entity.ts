import type { EntityManager } from '@mikro-orm/postgresql';
import type { WantedAct } from '../../db/acts/act.ts';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { Tax } from '../../db/entities/taxes/tax.ts';
import { attachToEntity } from '../../db/queries/taxes/replace-attachments.ts';
import type { CommandScope } from '../command-scope.ts';
import { flagDraftsLater } from '../invoices/flag-drafts.ts';

/**
 * Attaches a tax to the default billing entity, or takes it away (spec, money 1.1, `applied_to_organization`), and has
 * the drafts of the entity's customers refreshed that it reaches. The caller holds the entity, since before the tax.
 */
export async function applyToDefaultEntity(
  em: EntityManager,
  { organizationId, now, realTime }: CommandScope,
  { id }: Pick<BillingEntity, 'id'>,
  tax: Tax,
  isApplied: boolean,
): Promise<readonly WantedAct[]> {
  if (!(await attachToEntity(em, tax, id, { attached: isApplied, now }))) return [];
  const changed = [{ kind: 'billing_entity', id } as const];
  return flagDraftsLater(em, { organizationId, changed, now, at: realTime });
}
