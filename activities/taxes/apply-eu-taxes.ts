import type { EntityManager } from '@mikro-orm/postgresql';
import { isEuTaxCode } from '../../billing/taxes/eu-taxes.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { missingTaxCodes } from '../../db/queries/taxes/replace-attachments.ts';
import type { CommandScope } from '../command-scope.ts';
import { flagDraftsOf } from '../invoices/flag-drafts.ts';
import { attachTaxes } from './attach-taxes.ts';
import { generateEuTaxes } from './generate-eu-taxes.ts';

/**
 * Makes some taxes all the taxes of a customer, in the caller's transaction, and has its drafts made anew if that
 * changes them. A tax of EU tax management that somebody has deleted is made again.
 *
 * @returns the acts it wrote.
 * @throws Refusal 404 `tax_not_found`.
 */
export async function applyEuTaxes(
  em: EntityManager,
  scope: CommandScope,
  customerId: string,
  codes: readonly string[],
): Promise<readonly WantedAct[]> {
  const { organizationId, now, realTime: at } = scope;
  const generated = codes.filter(isEuTaxCode);
  if ((await missingTaxCodes(em, organizationId, generated)).length > 0) await generateEuTaxes(em, scope);
  const changed = await attachTaxes(em, scope, [{ kind: 'customer', ownerId: customerId, codes }]);
  if (changed.length === 0) return [];
  return flagDraftsOf(em, { organizationId, changed: { kind: 'customer', id: customerId }, now, at });
}
