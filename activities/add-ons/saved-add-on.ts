import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import type { Currency } from '../../billing/money/currency.ts';
import { notFound } from '../../billing/refusal.ts';
import { AddOn } from '../../db/entities/add-ons/add-on.ts';
import { taxesOf, type ShownTax } from '../../db/queries/taxes/attached-taxes.ts';
import type { CommandScope } from '../command-scope.ts';
import { attachTaxes } from '../taxes/attach-taxes.ts';

/** An add-on as it is asked for. */
export interface AddOnTerms {
  readonly name: string;
  readonly code: string;
  readonly invoiceDisplayName: string | null;
  readonly description: string | null;
  readonly amountCents: bigint;
  readonly amountCurrency: Currency;
}

/** What a command has made of an add-on. */
export interface SavedAddOn {
  readonly addOn: AddOn;
  readonly taxes: readonly ShownTax[];
}

/**
 * An add-on as it stays until the end of the transaction.
 *
 * @throws Refusal 404 `add_on_not_found`.
 */
export async function lockAddOn(em: EntityManager, code: string): Promise<AddOn> {
  const addOn = await em.findOne(AddOn, { code, deletedAt: null }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!addOn) throw notFound('add_on');
  return addOn;
}

/**
 * Gives an add-on that is flushed the taxes that a command names.
 *
 * @param codes null: it keeps its own.
 * @throws Refusal 404 `tax_not_found`.
 */
export async function withTaxes(
  em: EntityManager,
  scope: CommandScope,
  addOn: AddOn,
  codes: readonly string[] | null,
): Promise<SavedAddOn> {
  if (codes !== null) await attachTaxes(em, scope, [{ kind: 'add_on', ownerId: addOn.id, codes }]);
  return { addOn, taxes: await taxesOf(em, addOn) };
}
