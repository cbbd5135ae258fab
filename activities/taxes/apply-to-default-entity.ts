import type { EntityManager } from '@mikro-orm/postgresql';
import type { WantedAct } from '../../db/acts/act.ts';
import type { Tax } from '../../db/entities/taxes/tax.ts';
import { holdBillingEntity } from '../../db/queries/organizations/billing-entities.ts';
import { attachToEntity } from '../../db/queries/taxes/replace-attachments.ts';
import type { CommandScope } from '../command-scope.ts';
import { flagDraftsOf } from '../invoices/flag-drafts.ts';

/**
 * Attaches a tax to the default billing entity, or takes it away (spec, money 1.1, `applied_to_organization`), and has
 * the drafts of the entity's customers refreshed that it reaches.
 */
export async function applyToDefaultEntity(
  em: EntityManager,
  { organizationId, now, realTime }: CommandScope,
  tax: Tax,
  isApplied: boolean,
): Promise<readonly WantedAct[]> {
  const { id } = await holdBillingEntity(em, organizationId, null);
  if (!(await attachToEntity(em, tax, id, { attached: isApplied, now }))) return [];
  const changed = { kind: 'billing_entity', id } as const;
  return flagDraftsOf(em, { organizationId, changed, now, at: realTime });
}
