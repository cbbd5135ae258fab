import type { EntityManager } from '@mikro-orm/postgresql';
import type { WantedAct } from '../../db/acts/act.ts';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { CommandScope } from '../command-scope.ts';
import { flagDraftsLater } from '../invoices/flag-drafts.ts';
import { attachTaxes } from './attach-taxes.ts';
import { generateEuTaxes } from './generate-eu-taxes.ts';
import { endViesChecks, type ViesScope } from './vies-checks.ts';

/** What a request says of a billing entity's taxes. */
export interface EntityTaxes {
  /** Of all its taxes; null: they stay as they are. */
  readonly taxCodes: readonly string[] | null;
  /** undefined: that stays as it is. */
  readonly euTaxManagement: boolean | undefined;
}

/**
 * Gives a billing entity its taxes, in the transaction of the request, who holds its row. Turning EU tax management on
 * makes the EU's taxes, or makes them anew; turning it off ends the checks of its customers' VAT numbers (spec, money
 * 1.2, 1.7).
 *
 * @returns the acts it wrote.
 * @throws Refusal 404 `tax_not_found`.
 */
export async function entityTaxesChanged(
  em: EntityManager,
  scope: CommandScope & ViesScope,
  { id }: Pick<BillingEntity, 'id'>,
  { taxCodes, euTaxManagement }: EntityTaxes,
): Promise<readonly WantedAct[]> {
  const acts: WantedAct[] = [];
  if (euTaxManagement === true) acts.push(...(await generateEuTaxes(em, scope)));
  if (euTaxManagement === false) acts.push(...(await endViesChecks(em, scope, { billingEntityId: id })));
  if (taxCodes === null) return acts;
  const changed = await attachTaxes(em, scope, [{ kind: 'billing_entity', ownerId: id, codes: taxCodes }]);
  if (changed.length === 0) return acts;
  const { organizationId, now, realTime: at } = scope;
  const source = { kind: 'billing_entity', id } as const;
  return [...acts, ...(await flagDraftsLater(em, { organizationId, changed: [source], now, at }))];
}
