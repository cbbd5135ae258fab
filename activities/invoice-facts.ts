import type { EntityManager } from '@mikro-orm/postgresql';
import { boundaries } from '../billing/calendar/boundaries.ts';
import { localDate, parseLocalDate, startOfLocalDay } from '../billing/calendar/local-date.ts';
import { pricingOf } from '../billing/charges/properties.ts';
import type { InvoiceFacts, InvoicedSubscriptionFacts } from '../billing/invoices/invoice-facts.ts';
import { aggregate } from '../billing/usage/aggregate.ts';
import { usageSlot, type UsageSlot } from '../billing/usage/usage-slot.ts';
import { BillableMetric } from '../db/entities/billable-metric.ts';
import { Charge } from '../db/entities/charge.ts';
import type { Customer } from '../db/entities/customer.ts';
import { readUsage } from '../db/queries/usage.ts';
import { instantOf, sql } from '../db/sql.ts';
import type { DueCustomer, DueGroup, DuePeriod } from './due-periods.ts';
import { termsOf } from '../db/subscription-terms.ts';

/** What earlier invoices say about a subscription. */
interface BillingHistory {
  readonly subscriptionId: string;
  readonly hasOlderFee: boolean;
  readonly lastChargesTo: string | null;
  readonly lastTimezone: string | null;
}

interface ChargeAndMetric {
  readonly charge: Charge;
  readonly metric: BillableMetric;
}

/** Loads everything that the invoice of a group is calculated from; the usage of all its charges in one statement. */
export async function loadInvoiceFacts(
  em: EntityManager,
  due: DueCustomer,
  { billingDay, group, periods }: DueGroup,
  invoiceId: string,
): Promise<InvoiceFacts> {
  const { customer, timeZone, organization } = due;
  const billingInstant = startOfLocalDay(parseLocalDate(billingDay), timeZone);
  const sorted = periods.toSorted((one, other) => (displayName(one) < displayName(other) ? -1 : 1));
  const charges = await loadCharges(em, [...new Set(sorted.map(({ plan }) => plan.id))]);
  const histories = await loadHistories(
    em,
    sorted.map(({ subscription }) => subscription.id),
    invoiceId,
  );
  const billed = sorted.map((period) => {
    const own = charges.filter(({ charge }) => charge.planId === period.plan.id);
    const history = histories.find(({ subscriptionId }) => subscriptionId === period.subscription.id)!;
    const terms = termsOf(period.subscription, period.plan, own.length > 0);
    const last =
      history.lastChargesTo === null
        ? null
        : { to: instantOf(history.lastChargesTo), timeZone: history.lastTimezone ?? timeZone };
    const windows = boundaries(terms, timeZone, billingInstant, {
      currentUsage: false,
      lastWindows: { charges: last, fixedCharges: null },
    });
    return { period, charges: own, history, terms, windows };
  });
  const slots = billed.flatMap(({ period, charges: own, windows }) => usageSlots(period, own, windows));
  const usage = await readUsage(em, organization.id, slots);
  let next = 0;
  const subscriptions = billed.map(({ period, charges: own, history, terms, windows }): InvoicedSubscriptionFacts => {
    const { subscription, plan } = period;
    const hasWindow = windows.chargesFrom !== null && windows.chargesTo !== null;
    return {
      subscriptionId: subscription.id,
      terms,
      windows,
      invoicingReason: 'subscription_periodic',
      planAmountCents: plan.amountCents,
      plan: { name: plan.name, invoiceDisplayName: plan.invoiceDisplayName ?? null },
      trialEnd: null,
      subscriptionCreatedAt: subscription.createdAt,
      previous: null,
      hasOlderFee: history.hasOlderFee,
      // Only a plan in advance can have two fees on one day, and those are refused for now (api/plans/unavailable).
      hasFeeOfSameDay: false,
      charges: hasWindow
        ? own.map(({ charge, metric }) => ({
            chargeId: charge.id,
            invoiceDisplayName: charge.invoiceDisplayName ?? null,
            metricName: metric.name,
            payInAdvance: charge.payInAdvance,
            invoiceable: charge.invoiceable,
            continuesAfterUpgrade: false,
            pricing: pricingOf(charge.chargeModel, charge.properties),
            rounding: {
              roundingFunction: metric.roundingFunction ?? null,
              roundingPrecision: metric.roundingPrecision ?? null,
            },
            usage: aggregate(metric, usage[next++]!),
          }))
        : [],
    };
  });
  return {
    currency: group.currency,
    timeZone,
    billingInstant,
    day: localDate(due.now, timeZone),
    finalizedOn: null,
    recurring: true,
    customer: customerSettings(customer),
    billingEntity: due.billingEntities.find(({ id }) => id === group.billingEntityId)!,
    subscriptions,
  };
}

const displayName = ({ subscription, plan }: DuePeriod): string =>
  `${subscription.name || (plan.invoiceDisplayName ?? plan.name)}\u0000${subscription.id}`;

async function loadCharges(em: EntityManager, planIds: readonly string[]): Promise<ChargeAndMetric[]> {
  const charges = await em.find(Charge, { planId: [...planIds], deletedAt: null }, { orderBy: { position: 'asc' } });
  if (charges.length === 0) return [];
  const metrics = await em.find(BillableMetric, { id: [...new Set(charges.map((charge) => charge.billableMetricId))] });
  return charges.map((charge) => ({
    charge,
    metric: metrics.find(({ id }) => id === charge.billableMetricId)!,
  }));
}

function usageSlots(
  { subscription }: DuePeriod,
  charges: readonly ChargeAndMetric[],
  windows: { readonly chargesFrom: Date | null; readonly chargesTo: Date | null },
): UsageSlot[] {
  const { chargesFrom: from, chargesTo: to } = windows;
  if (from === null || to === null) return [];
  return charges.map(({ metric }) =>
    usageSlot({ ...metric, fieldName: metric.fieldName ?? null }, subscription.externalId, { from, to }),
  );
}

/** Invoices other than the one being made, in one statement. */
function loadHistories(em: EntityManager, subscriptionIds: readonly string[], invoiceId: string) {
  return sql<BillingHistory>(
    em,
    `select wanted.id as "subscriptionId",
       exists (select 1 from fees
               where fees.subscription_id = wanted.id and fees.fee_type = 'subscription' and fees.invoice_id <> $2)
         as "hasOlderFee",
       last.to as "lastChargesTo", last.timezone as "lastTimezone"
     from unnest($1::uuid[]) as wanted (id)
     left join lateral (
       select row.charges_to_datetime as to, invoices.timezone
       from invoice_subscriptions row join invoices on invoices.id = row.invoice_id
       where row.subscription_id = wanted.id and row.invoice_id <> $2 and row.charges_to_datetime is not null
       order by row.charges_to_datetime desc limit 1) last on true`,
    [subscriptionIds, invoiceId],
  );
}

/** What a customer says about its invoices. */
export const customerSettings = (customer: Customer): InvoiceFacts['customer'] => ({
  invoiceGracePeriod: customer.invoiceGracePeriod ?? null,
  netPaymentTerm: customer.netPaymentTerm ?? null,
  subscriptionInvoiceIssuingDateAnchor: customer.subscriptionInvoiceIssuingDateAnchor ?? null,
  subscriptionInvoiceIssuingDateAdjustment: customer.subscriptionInvoiceIssuingDateAdjustment ?? null,
  finalizeZeroAmountInvoice: customer.finalizeZeroAmountInvoice,
});
