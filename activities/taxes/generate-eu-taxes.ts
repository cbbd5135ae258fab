import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { generatedTaxes } from '../../billing/taxes/eu-taxes.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { saveGeneratedTaxes } from '../../db/queries/taxes/generated-taxes.ts';
import type { CommandScope } from '../command-scope.ts';
import { flagDraftsLater } from '../invoices/flag-drafts.ts';

/**
 * Makes the taxes of EU tax management in an organization, or makes them anew with the rates of today, found by their
 * codes (spec, money 1.7). Drafts that bear one that has changed are made anew too.
 *
 * @param code of the only one that is made; none is given: all of them are.
 * @returns the acts it wrote.
 */
export async function generateEuTaxes(
  em: EntityManager,
  { organizationId, now, realTime }: CommandScope,
  code?: string,
): Promise<readonly WantedAct[]> {
  const taxes = generatedTaxes(now.toISOString().slice(0, 10))
    .filter((tax) => code === undefined || tax.code === code)
    .map((tax) => ({ ...tax, id: v7() }));
  const ids = await saveGeneratedTaxes(em, organizationId, taxes, now);
  const changed = ids.map((id) => ({ kind: 'tax', id }) as const);
  return flagDraftsLater(em, { organizationId, changed, now, at: realTime });
}
