import type { EntityManager } from '@mikro-orm/postgresql';
import type { PlannedInvoice } from '../../../billing/invoices/planned-invoice.ts';
import type { Tax } from '../../../billing/taxes/tax.ts';
import type { InvoiceTaxFacts } from '../../../billing/taxes/tax-facts.ts';
import { taxesForBilling, type TaxesForBilling } from '../../../db/queries/taxes/taxes-for-billing.ts';

/** What is read together with taxes. */
export interface LoadedTaxes {
  /** In the order of the invoices. */
  readonly taxes: readonly InvoiceTaxFacts[];
  /** Customers who have coupons to use. */
  readonly couponed: ReadonlySet<string>;
  /** Customers who have open credit notes. */
  readonly credited: ReadonlySet<string>;
  /** Customers who have paid fees without invoice. */
  readonly paid: ReadonlySet<string>;
}

/** The taxes of planned invoices, in one statement for all of them. */
export async function loadTaxFacts(
  em: EntityManager,
  organizationId: string,
  planned: readonly PlannedInvoice[],
  charges: readonly { readonly id: string }[],
): Promise<LoadedTaxes> {
  const parties = planned.flatMap(({ taxed: { customerId, billingEntityId } }) =>
    customerId === null ? [billingEntityId] : [customerId, billingEntityId],
  );
  const plans = planned.flatMap(({ lines }) => lines.map(({ plan }) => plan.id));
  const owners = [...parties, ...plans, ...charges.map(({ id }) => id)];
  const found = await taxesForBilling(em, organizationId, [...new Set(owners)]);
  const ofCharges = withTaxes(
    charges.map(({ id }) => [id, id]),
    found,
  );
  const taxes = planned.map((invoice) => ({
    ...taxesOfParties(invoice.taxed, found),
    ofPlans: withTaxes(
      invoice.lines.map(({ subscription, plan }) => [subscription.id, plan.id]),
      found,
    ),
    ofCharges,
    ofAddOns: new Map(),
  }));
  return { taxes, couponed: found.couponed, credited: found.credited, paid: found.paid };
}

/** What of an invoice's taxes depends on whose it is alone. */
export const taxesOfParties = (
  { customerId, billingEntityId, taxProviderCode }: PlannedInvoice['taxed'],
  { taxes, awaiting }: TaxesForBilling,
): Pick<InvoiceTaxFacts, 'awaitedFrom' | 'ofCustomer' | 'ofBillingEntity'> => ({
  // A provider wins over VIES (spec, money 1.8).
  awaitedFrom: taxProviderCode !== null ? 'provider' : customerId !== null && awaiting.has(customerId) ? 'vies' : null,
  ofCustomer: taxes.get(customerId ?? '') ?? [],
  ofBillingEntity: taxes.get(billingEntityId) ?? [],
});

/** @param keys what a set is known by, and what has the taxes. */
export const withTaxes = (
  keys: readonly (readonly [key: string, ownerId: string])[],
  { taxes }: TaxesForBilling,
): ReadonlyMap<string, readonly Tax[]> =>
  new Map(keys.flatMap(([key, ownerId]) => (taxes.has(ownerId) ? [[key, taxes.get(ownerId)!] as const] : [])));
