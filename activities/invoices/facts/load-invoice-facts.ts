import type { EntityManager } from '@mikro-orm/postgresql';
import type { Windows } from '../../../billing/calendar/boundaries.ts';
import type { SubscriptionTerms } from '../../../billing/calendar/subscription-terms.ts';
import { customerSettings } from '../../../billing/customers/customer-facts.ts';
import type { BillingHistory } from '../../../billing/invoices/billing-history.ts';
import { continuesAfterUpgrade } from '../../../billing/charges/continues-after-upgrade.ts';
import type { InvoiceFacts, InvoicedSubscriptionFacts } from '../../../billing/invoices/invoice-facts.ts';
import { invoicedUsage, invoicedWindows } from '../../../billing/invoices/invoiced-windows.ts';
import type { PlannedInvoice, PlannedLine } from '../../../billing/invoices/planned-invoice.ts';
import { byDisplayName } from '../../../billing/subscriptions/display-order.ts';
import { termsOf, trialEndOf } from '../../../billing/subscriptions/terms-of.ts';
import { billingHistories } from '../../../db/queries/invoices/billing-histories.ts';
import { carriesOver } from '../../../billing/usage/aggregate.ts';
import { chargesOfPlans, type ChargeWithMetric } from '../../../db/queries/plans/charges-of-plans.ts';
import { chargeUsage, type ChargedSubscription, type UsageOfCharges } from '../../usage/charge-usage.ts';
import { loadCouponFacts } from './load-coupon-facts.ts';
import { loadNoteFacts } from './load-note-facts.ts';
import { loadTaxFacts } from './load-tax-facts.ts';

/**
 * Loads everything that planned invoices are calculated from, in as many statements as for one. It holds nothing and
 * changes nothing: who bills has held the sources before (`hold-sources.ts`).
 *
 * @returns in the order of the invoices.
 */
export async function loadInvoiceFacts(
  em: EntityManager,
  organizationId: string,
  planned: readonly PlannedInvoice[],
): Promise<readonly InvoiceFacts[]> {
  const lines = planned.flatMap((invoice) => invoice.lines.toSorted(byDisplayName).map((line) => ({ invoice, line })));
  const charges = await chargesOfPlans(em, organizationId, [...new Set(lines.map(({ line }) => line.plan.id))]);
  const { taxes, couponed, credited, paid } = await loadTaxFacts(
    em,
    organizationId,
    planned,
    charges.map(({ charge }) => charge),
  );
  const coupons = await loadCouponFacts(em, organizationId, planned, charges, couponed);
  const creditNotes = await loadNoteFacts(em, organizationId, planned, credited);
  const histories = await billingHistories(em, organizationId, lines);
  const billed = lines.map(({ invoice, line }, index) => {
    const own = charges.filter(({ charge }) => charge.planId === line.plan.id);
    return billedLine(invoice, line, own, histories[index]!);
  });
  const usage = await chargeUsage(em, organizationId, billed);
  const byInvoice = Map.groupBy(
    billed.map((one, index) => ({ invoice: one.invoice, facts: subscriptionFacts(one, usage[index]!) })),
    ({ invoice }) => invoice,
  );
  return planned.map((invoice, index) => ({
    invoiceType: invoice.invoiceType,
    currency: invoice.currency,
    timeZone: invoice.timeZone,
    billingInstant: invoice.billingInstant,
    day: invoice.day,
    finalizedOn: invoice.finalizedOn,
    isMadeAgain: invoice.isMadeAgain,
    awaitedTaxes: invoice.awaitedTaxes,
    recurring: invoice.recurring,
    customer: customerSettings(invoice.customer),
    billingEntity: invoice.billingEntity,
    coupons: coupons[index]!,
    creditNotes: creditNotes[index]!,
    taxes: taxes[index]!,
    addOns: [],
    hasPaidFees: invoice.taxed.customerId !== null && paid.has(invoice.taxed.customerId),
    subscriptions: (byInvoice.get(invoice) ?? []).map(({ facts }) => facts),
  }));
}

/** A line with what it bills. */
interface BilledLine extends PlannedLine, Omit<ChargedSubscription, 'subscription'> {
  readonly invoice: PlannedInvoice;
  readonly history: BillingHistory;
  readonly terms: SubscriptionTerms;
  readonly windows: Windows;
}

function billedLine(
  invoice: PlannedInvoice,
  line: PlannedLine,
  charges: readonly ChargeWithMetric[],
  history: BillingHistory,
): BilledLine {
  const contents = { hasCharges: charges.length > 0, hasFixedCharges: false };
  const terms = termsOf(line.subscription, line.plan, contents, history.chain);
  const windows = invoicedWindows(line, terms, history, invoice);
  const usage = invoicedUsage(line, windows, history, invoice);
  return { ...line, invoice, charges, history, terms, windows, usage };
}

const subscriptionFacts = (
  { subscription, plan, invoicingReason, history, terms, windows, charges }: BilledLine,
  usage: UsageOfCharges,
): InvoicedSubscriptionFacts => ({
  subscriptionId: subscription.id,
  terms,
  windows,
  invoicingReason,
  planAmountCents: plan.amountCents,
  plan: { name: plan.name, invoiceDisplayName: plan.invoiceDisplayName ?? null },
  trialEnd: trialEndOf(subscription, plan, history.chain),
  subscriptionCreatedAt: subscription.createdAt,
  previous: history.chain.previous,
  hasOlderFee: history.hasOlderFee,
  hasFeeOfSameDay: history.hasFeeOfSameDay,
  charges: charges.flatMap(({ charge, billableMetric }) => {
    const facts = usage.get(charge.id);
    const { recurring } = billableMetric;
    return facts
      ? [
          {
            ...facts,
            continuesAfterUpgrade: continuesAfterUpgrade({ ...charge, recurring }, history.chain),
            isCarriedOver: carriesOver(billableMetric),
          },
        ]
      : [];
  }),
});
