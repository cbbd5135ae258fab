import type { EntityManager } from '@mikro-orm/postgresql';
import { NO_COUPONS, type InvoiceCouponFacts } from '../../billing/coupons/applied-coupon.ts';
import type { OpenNote } from '../../billing/credit-notes/use-notes.ts';
import { taxedParties } from '../../billing/invoices/planned-invoice.ts';
import type { InvoiceTaxFacts } from '../../billing/taxes/tax-facts.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { openNotes } from '../../db/queries/credit-notes/open-notes.ts';
import { couponsForBilling } from '../../db/queries/coupons/coupons-for-billing.ts';
import { taxesForBilling } from '../../db/queries/taxes/taxes-for-billing.ts';
import { taxForNow } from '../taxes/tax-for-now.ts';
import { taxesOfParties, withTaxes } from '../invoices/facts/load-tax-facts.ts';
import type { InstantChargeContext } from './load-instant-charge.ts';

/** What is added to the fee of an event, or taken from its invoice. */
export interface InstantSources {
  readonly taxes: InvoiceTaxFacts;
  /** Those of a fee without an invoice, which waits for no answer (spec, usage 6.6; decisions). */
  readonly taxesForNow: InvoiceTaxFacts;
  readonly coupons: InvoiceCouponFacts;
  readonly creditNotes: readonly OpenNote[];
  /** Whether an invoice takes something that the next one does not find any more. */
  readonly takesCredits: boolean;
}

/** @param now the organization's clock. */
export async function loadInstantSources(
  em: EntityManager,
  organizationId: string,
  {
    customer,
    subscription,
    plan,
    charged,
  }: Pick<InstantChargeContext, 'customer' | 'subscription' | 'plan' | 'charged'>,
  now: Date,
): Promise<InstantSources> {
  const { charge, billableMetric } = charged;
  const owners = [customer.id, customer.billingEntityId, plan.id, charge.id];
  const found = await taxesForBilling(em, organizationId, owners);
  const isCredited = charge.invoiceable && found.credited.has(customer.id);
  const notes = isCredited ? ((await openNotes(em, organizationId, [customer.id])).get(customer.id) ?? []) : [];
  const isCouponed = charge.invoiceable && found.couponed.has(customer.id);
  const coupons = isCouponed ? await couponsForBilling(em, organizationId, [customer.id]) : new Map<string, never>();
  const taxes: InvoiceTaxFacts = {
    ...taxesOfParties(taxedParties(customer), found),
    ofPlans: withTaxes([[subscription.id, plan.id]], found),
    ofCharges: withTaxes([[charge.id, charge.id]], found),
    ofAddOns: new Map(),
  };
  return {
    taxes,
    taxesForNow: await taxesForNow(em, customer, taxes, now),
    coupons: isCouponed
      ? {
          applied: coupons.get(customer.id) ?? [],
          plansOfSubscriptions: new Map([
            [subscription.id, plan.parentId == null ? [plan.id] : [plan.id, plan.parentId]],
          ]),
          metricsOfCharges: new Map([[charge.id, billableMetric.id]]),
        }
      : NO_COUPONS,
    creditNotes: notes.filter(({ currency }) => currency === plan.amountCurrency),
    takesCredits: isCouponed || isCredited,
  };
}

/** The taxes of fees that wait for no answer: while the customer's number is checked those of whoever has none. */
export const taxesForNow = async (
  em: EntityManager,
  customer: Customer,
  taxes: InvoiceTaxFacts,
  now: Date,
): Promise<InvoiceTaxFacts> =>
  taxes.awaitedFrom === 'vies' ? { ...taxes, ofCustomer: [await taxForNow(em, customer, now)] } : taxes;
