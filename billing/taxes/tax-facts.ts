import { applicableTaxes, type AttachedTaxes } from './applicable-taxes.ts';
import type { Tax } from './tax.ts';

/** What is known of the taxes of one customer's invoice. */
export interface InvoiceTaxFacts {
  /** Whose answer decides on them and is awaited; null: they are known (spec, money 1.7, 1.8). */
  readonly awaitedFrom: 'vies' | 'provider' | null;
  readonly ofCustomer: readonly Tax[];
  /** Of the customer's billing entity, whoever issues the invoice. */
  readonly ofBillingEntity: readonly Tax[];
  /** By subscription. */
  readonly ofPlans: ReadonlyMap<string, readonly Tax[]>;
  /** By charge. */
  readonly ofCharges: ReadonlyMap<string, readonly Tax[]>;
  /** By add-on. */
  readonly ofAddOns: ReadonlyMap<string, readonly Tax[]>;
}

/** What of a fee's source decides on its taxes. */
export type TaxedSource =
  | { readonly kind: 'subscription'; readonly subscriptionId: string }
  | { readonly kind: 'charge'; readonly chargeId: string; readonly subscriptionId: string }
  /** `taxes`: given for this one fee. */
  | { readonly kind: 'add_on'; readonly addOnId: string; readonly taxes: readonly Tax[] };

/** Nothing is taxed. */
export const NO_TAXES: InvoiceTaxFacts = {
  awaitedFrom: null,
  ofCustomer: [],
  ofBillingEntity: [],
  ofPlans: new Map(),
  ofCharges: new Map(),
  ofAddOns: new Map(),
};

/** The taxes of a fee, by what it is for (spec, money 1.3). */
export const taxesOfSource = (source: TaxedSource, facts: InvoiceTaxFacts): readonly Tax[] =>
  applicableTaxes(source.kind, {
    ...ownTaxes(source, facts),
    customer: facts.ofCustomer,
    billing_entity: facts.ofBillingEntity,
  });

function ownTaxes(source: TaxedSource, { ofPlans, ofCharges, ofAddOns }: InvoiceTaxFacts): AttachedTaxes {
  switch (source.kind) {
    case 'subscription':
      return { plan: ofPlans.get(source.subscriptionId) ?? [] };
    case 'charge':
      return { charge: ofCharges.get(source.chargeId) ?? [], plan: ofPlans.get(source.subscriptionId) ?? [] };
    case 'add_on':
      return { fee: source.taxes, add_on: ofAddOns.get(source.addOnId) ?? [] };
    default:
      return source satisfies never;
  }
}
