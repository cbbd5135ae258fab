import type { EntityManager } from '@mikro-orm/postgresql';
import type { WantedAct } from '../../db/acts/act.ts';
import { missingTaxCodes } from '../../db/queries/taxes/replace-attachments.ts';
import type { CommandScope } from '../command-scope.ts';
import { flagDraftsOf } from '../invoices/flag-drafts.ts';
import { attachTaxes } from './attach-taxes.ts';
import { generateEuTaxes } from './generate-eu-taxes.ts';

/** The taxes that a customer has from now on. */
export interface CustomerTaxCodes {
  readonly customerId: string;
  readonly codes: readonly string[];
  /** The one of them that EU tax management has decided on; null: all are known by somebody who has named them. */
  readonly decided: string | null;
}

/**
 * Makes some taxes all the taxes of a customer, in the caller's transaction, and has its drafts made anew if that
 * changes them. A decided tax that somebody has deleted is made again; all others have to be there.
 *
 * @returns the acts it wrote.
 * @throws Refusal 404 `tax_not_found`.
 */
export async function applyCustomerTaxes(
  em: EntityManager,
  scope: CommandScope,
  { customerId, codes, decided }: CustomerTaxCodes,
): Promise<readonly WantedAct[]> {
  const { organizationId, now, realTime: at } = scope;
  const isMissing = decided !== null && (await missingTaxCodes(em, organizationId, [decided])).length > 0;
  const making = isMissing ? await generateEuTaxes(em, scope, decided) : [];
  const changed = await attachTaxes(em, scope, [{ kind: 'customer', ownerId: customerId, codes }]);
  if (changed.length === 0) return making;
  const flagging = await flagDraftsOf(em, { organizationId, changed: { kind: 'customer', id: customerId }, now, at });
  return [...making, ...flagging];
}
