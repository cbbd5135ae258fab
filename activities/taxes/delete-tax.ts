import type { EntityManager } from '@mikro-orm/postgresql';
import { detachTax } from '../../db/queries/taxes/replace-attachments.ts';
import type { CommandScope } from '../command-scope.ts';
import { flagDraftsOf } from '../invoices/flag-drafts.ts';
import { lockTax, shown, type SavedTax } from './saved-tax.ts';

/**
 * Deletes a tax in the caller's transaction: it is taken away from everything that has it, and drafts that bear it are
 * made anew. Final invoices keep the copy that they have (spec, money 1.1).
 *
 * @throws Refusal 404 `tax_not_found`.
 */
export async function deleteTax(
  em: EntityManager,
  { organizationId, now, realTime }: CommandScope,
  code: string,
): Promise<SavedTax> {
  const tax = await lockTax(em, organizationId, code);
  // As it was: the answer shows what is deleted.
  const before = await shown(em, tax);
  // While it is still attached: also a draft is flagged that is being made anew with it at this moment.
  const changed = { kind: 'tax', id: tax.id } as const;
  const acts = await flagDraftsOf(em, { organizationId, changed, now, at: realTime });
  await detachTax(em, tax);
  em.assign(tax, { deletedAt: now, updatedAt: now });
  await em.flush();
  return { tax: before, acts };
}
