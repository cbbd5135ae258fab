import type { EntityManager } from '@mikro-orm/postgresql';
import type { Decimal } from '../../billing/money/decimal.ts';
import { notFound } from '../../billing/refusal.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { Tax } from '../../db/entities/taxes/tax.ts';
import { shownTaxes, type ShownTax } from '../../db/queries/taxes/attached-taxes.ts';
import { heldTax } from '../../db/queries/taxes/held-taxes.ts';

/** A tax as it is asked for. */
export interface TaxTerms {
  readonly name: string;
  readonly code: string;
  /** Percent. */
  readonly rate: Decimal;
  readonly description: string | null;
}

/** What a command has made of a tax. */
export interface SavedTax {
  readonly tax: ShownTax;
  /** Written in the same transaction, to be started once it has committed. */
  readonly acts: readonly WantedAct[];
}

/**
 * A tax as it stays until the end of the transaction: nothing gets it, and no draft is made with it, meanwhile.
 *
 * @throws Refusal 404 `tax_not_found`.
 */
export async function lockTax(em: EntityManager, organizationId: string, code: string): Promise<Tax> {
  const tax = await heldTax(em, organizationId, code);
  if (!tax) throw notFound('tax');
  return tax;
}

/** A tax that is flushed, as answers show it. */
export async function shown(em: EntityManager, { id, organizationId }: Tax): Promise<ShownTax> {
  const [tax] = await shownTaxes(em, organizationId, [id]);
  if (!tax) throw new Error(`tax ${id} is not there`);
  return tax;
}
