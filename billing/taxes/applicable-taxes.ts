import type { Tax } from './tax.ts';

/** What taxes can be attached to (spec, money 1.2); `fee`: codes that a request gave for this one fee. */
export type TaxLevel =
  | 'fee'
  | 'add_on'
  | 'charge'
  | 'fixed_charge'
  | 'commitment'
  | 'plan'
  | 'customer'
  | 'billing_entity';

/** What a fee is for, as far as its taxes depend on it. */
export type TaxedKind = 'add_on' | 'charge' | 'fixed_charge' | 'commitment' | 'subscription' | 'credit';

/** The taxes that are attached to what a fee belongs to; absent and empty are the same. */
export type AttachedTaxes = Readonly<Partial<Record<TaxLevel, readonly Tax[]>>>;

/** Where each kind of fee looks for its taxes, nearest first. A purchase of credits is never taxed. */
const LEVELS: Readonly<Record<TaxedKind, readonly TaxLevel[]>> = {
  add_on: ['fee', 'add_on', 'customer', 'billing_entity'],
  charge: ['fee', 'charge', 'plan', 'customer', 'billing_entity'],
  fixed_charge: ['fee', 'fixed_charge', 'plan', 'customer', 'billing_entity'],
  commitment: ['fee', 'commitment', 'plan', 'customer', 'billing_entity'],
  subscription: ['fee', 'plan', 'customer', 'billing_entity'],
  credit: [],
};

/**
 * The taxes of a fee: the first set that is not empty. Sets are never merged (spec, money 1.3).
 *
 * A charge with tax A under a plan with tax B for a customer with tax C: its usage fee gets A, the subscription fee B.
 */
export function applicableTaxes(kind: TaxedKind, attached: AttachedTaxes): readonly Tax[] {
  for (const level of LEVELS[kind]) {
    const taxes = attached[level];
    if (taxes !== undefined && taxes.length > 0) return taxes;
  }
  return [];
}
