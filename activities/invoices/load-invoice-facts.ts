import type { EntityManager } from '@mikro-orm/postgresql';
import { boundaries, type Windows } from '../../billing/calendar/boundaries.ts';
import { endOfLocalDay, localDate, startOfLocalDay, type PlainDate } from '../../billing/calendar/local-date.ts';
import type { SubscriptionTerms } from '../../billing/calendar/subscription-terms.ts';
import { dueDayOfTermination, terminationWindows } from '../../billing/calendar/termination-windows.ts';
import { pricingOf } from '../../billing/charges/properties.ts';
import type { InvoiceFacts, InvoicedSubscriptionFacts } from '../../billing/invoices/invoice-facts.ts';
import { dateSettings } from '../../billing/invoices/invoice-dates.ts';
import type { PlanInvoicingReason } from '../../billing/invoices/invoicing-reason.ts';
import type { Currency } from '../../billing/money/currency.ts';
import { aggregate, carriesOver } from '../../billing/usage/aggregate.ts';
import { historyOf, type Tenure } from '../../billing/usage/usage-history.ts';
import { usageSlot, type UsageSlot } from '../../billing/usage/usage-slot.ts';
import { BillableMetric } from '../../db/entities/billable-metric.ts';
import type { BillingEntity } from '../../db/entities/billing-entity.ts';
import { Charge } from '../../db/entities/charge.ts';
import type { Customer } from '../../db/entities/customer.ts';
import { Plan } from '../../db/entities/plan.ts';
import type { Subscription } from '../../db/entities/subscription.ts';
import { initialStarts } from '../../db/queries/subscriptions/initial-starts.ts';
import { joinedRows } from '../../db/queries/joined-rows.ts';
import {
  lastInvoicedWindows,
  NO_WINDOWS,
  type LastWindows,
} from '../../db/queries/subscriptions/last-invoiced-windows.ts';
import { sharedTenures } from '../../db/queries/usage/usage-tenures.ts';
import { readUsage } from '../../db/queries/usage/usage.ts';
import { sql } from '../../db/sql.ts';
import { termsOf, trialEndOf } from '../../db/queries/subscriptions/terms.ts';

/** One subscription on an invoice that is being made. */
export interface InvoiceLine {
  readonly subscription: Subscription;
  readonly plan: Plan;
  readonly invoicingReason: PlanInvoicingReason;
}

/** Which invoice is made, of whom, and as of when; all lines share customer, currency and billing entity. */
export interface InvoiceOccasion {
  readonly invoiceId: string;
  readonly customer: Customer;
  /** The issuer. */
  readonly billingEntity: BillingEntity;
  /** The customer's. */
  readonly timeZone: string;
  readonly currency: Currency;
  /** The billing instant B; of a missed day, the first instant of that local day. */
  readonly billingInstant: Date;
  /** Whether the periodic run makes it. */
  readonly recurring: boolean;
  readonly lines: readonly InvoiceLine[];
  /** The local day on which the invoice is first made. */
  readonly day: PlainDate;
  /** The local day on which a draft becomes final; null: it is made or refreshed. */
  readonly finalizedOn: PlainDate | null;
  /** Whether the invoice was made before: then only what is older than it counts (spec, decisions). */
  readonly isMadeAgain: boolean;
}

/** What other invoices say about a subscription. */
interface BillingHistory {
  readonly subscriptionId: string;
  readonly hasOlderFee: boolean;
  readonly hasFeeOfSameDay: boolean;
  /** Keys of the periods that other invoices have billed, among the last ones. */
  readonly claimedElsewhere: readonly string[];
  /** Whether another subscription's usage begins at the very instant at which this one ends. */
  readonly endsWhereAnotherBegins: boolean;
}

interface ChargeAndMetric {
  readonly charge: Charge;
  readonly metric: BillableMetric;
}

/** Loads everything that an invoice is calculated from; the usage of all its charges in one statement. */
export async function loadInvoiceFacts(em: EntityManager, occasion: InvoiceOccasion): Promise<InvoiceFacts> {
  const { customer, timeZone, billingInstant } = occasion;
  const lines = becomesDraft(occasion) ? await withHeldSources(em, occasion) : occasion.lines;
  const sorted = lines.toSorted((one, other) => (displayName(one) < displayName(other) ? -1 : 1));
  const charges = await loadCharges(em, customer.organizationId, [...new Set(sorted.map(({ plan }) => plan.id))]);
  const histories = await loadHistories(em, occasion);
  const lastWindows = await lastInvoicedWindows(em, {
    organizationId: customer.organizationId,
    subscriptionIds: lines.map(({ subscription }) => subscription.id),
    before: billingInstant,
    besidesInvoiceId: occasion.invoiceId,
  });
  const starts = await initialStarts(
    em,
    lines.map(({ subscription }) => subscription),
    lines.map(({ plan }) => plan),
  );
  const billed = sorted.map((line) => {
    const own = charges.filter(({ charge }) => charge.planId === line.plan.id);
    const history = histories.find(({ subscriptionId }) => subscriptionId === line.subscription.id)!;
    const terms = termsOf(line.subscription, line.plan, own.length > 0);
    const last = lastWindows.get(line.subscription.id) ?? NO_WINDOWS;
    return { line, charges: own, history, terms, windows: windowsOf(line, terms, history, last, occasion) };
  });
  const tenures = await tenuresOf(em, occasion, charges);
  const slots = billed.flatMap((one) => usageSlots(one, tenures.get(one.line.subscription.id)));
  const usage = await readUsage(em, customer.organizationId, slots);
  let next = 0;
  const subscriptions = billed.map(({ line, charges: own, history, terms, windows }): InvoicedSubscriptionFacts => {
    const { subscription, plan } = line;
    return {
      subscriptionId: subscription.id,
      terms,
      windows,
      invoicingReason: line.invoicingReason,
      planAmountCents: plan.amountCents,
      plan: { name: plan.name, invoiceDisplayName: plan.invoiceDisplayName ?? null },
      trialEnd: trialEndOf(subscription, plan, starts.get(subscription.id) ?? null),
      subscriptionCreatedAt: subscription.createdAt,
      previous: null,
      hasOlderFee: history.hasOlderFee,
      hasFeeOfSameDay: history.hasFeeOfSameDay,
      charges: readsUsage(line, windows)
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
    invoiceType: 'subscription',
    currency: occasion.currency,
    timeZone,
    billingInstant,
    day: occasion.day,
    finalizedOn: occasion.finalizedOn,
    recurring: occasion.recurring,
    customer: customerSettings(customer),
    billingEntity: occasion.billingEntity,
    subscriptions,
  };
}

const becomesDraft = ({ customer, billingEntity, isMadeAgain }: InvoiceOccasion): boolean =>
  !isMadeAgain && dateSettings(customerSettings(customer), billingEntity).invoiceGracePeriod > 0;

/**
 * The lines with their plans as they are once nobody else changes them, or the metrics that they charge for, until the end of the
 * transaction. A change flags the drafts that it finds (`flag-drafts.ts`): one that would commit between this look and the draft's
 * commit must come before it, or after it.
 */
async function withHeldSources(
  em: EntityManager,
  { customer, lines }: InvoiceOccasion,
): Promise<readonly InvoiceLine[]> {
  const parameters = [customer.organizationId, [...new Set(lines.map(({ plan }) => plan.id))]];
  const joined = joinedRows(em);
  const rows = await sql<Record<string, unknown>>(
    em,
    `select ${joined.columns(Plan, 'plan')} from plans plan
     where plan.organization_id = $1 and plan.id = any($2::uuid[]) order by plan.id for share`,
    parameters,
  );
  await sql(
    em,
    `select 1 from billable_metrics
     where organization_id = $1 and id = any(array(
       select billable_metric_id from charges where organization_id = $1 and plan_id = any($2::uuid[]) and deleted_at is null))
     order by id for share`,
    parameters,
  );
  const plans = rows.map((row) => joined.take(Plan, 'plan', row)!);
  return lines.map((line) => ({ ...line, plan: plans.find(({ id }) => id === line.plan.id)! }));
}

/** Spec, subscriptions-and-invoices 3.2, and 3.4 for a subscription that ends. */
function windowsOf(
  { subscription, invoicingReason }: InvoiceLine,
  terms: SubscriptionTerms,
  history: BillingHistory,
  lastWindows: LastWindows,
  { timeZone, billingInstant }: InvoiceOccasion,
): Windows {
  if (invoicingReason !== 'subscription_terminating' || terms.status !== 'terminated') {
    return boundaries(terms, timeZone, billingInstant, { currentUsage: false, lastWindows });
  }
  const termination = {
    terms,
    timeZone,
    createdAt: subscription.createdAt,
    lastBillingDay: subscription.lastBillingDay ?? null,
    lastWindows,
  };
  const due = dueDayOfTermination(termination);
  return terminationWindows(termination, due !== null && history.claimedElsewhere.includes(due.periodKey));
}

/** A starting invoice is made before there can be usage, or at the end of a trial for the fee alone. */
const readsUsage = ({ invoicingReason }: InvoiceLine, { chargesFrom, chargesTo }: Windows): boolean =>
  invoicingReason !== 'subscription_starting' && chargesFrom !== null && chargesTo !== null;

const displayName = ({ subscription, plan }: InvoiceLine): string =>
  `${subscription.name || (plan.invoiceDisplayName ?? plan.name)}\u0000${subscription.id}`;

async function loadCharges(
  em: EntityManager,
  organizationId: string,
  planIds: readonly string[],
): Promise<ChargeAndMetric[]> {
  const joined = joinedRows(em);
  const rows = await sql<Record<string, unknown>>(
    em,
    `select ${joined.columns(Charge, 'charge')}, ${joined.columns(BillableMetric, 'metric')}
     from charges charge join billable_metrics metric on metric.id = charge.billable_metric_id
     where charge.organization_id = $1 and charge.plan_id = any($2::uuid[]) and charge.deleted_at is null
     order by charge.position, charge.id`,
    [organizationId, planIds],
  );
  return rows.map((row) => ({
    charge: joined.take(Charge, 'charge', row)!,
    metric: joined.take(BillableMetric, 'metric', row)!,
  }));
}

/** Who had the external ids of the invoice's subscriptions, where it matters: for what carries over. */
async function tenuresOf(
  em: EntityManager,
  { customer, lines }: InvoiceOccasion,
  charges: readonly ChargeAndMetric[],
): Promise<ReadonlyMap<string, readonly Tenure[]>> {
  const carrying = new Set(charges.filter(({ metric }) => carriesOver(metric)).map(({ charge }) => charge.planId));
  const asked = lines.filter(({ plan }) => carrying.has(plan.id)).map(({ subscription }) => subscription.id);
  return sharedTenures(em, customer.organizationId, asked);
}

interface BilledLine {
  readonly line: InvoiceLine;
  readonly charges: readonly ChargeAndMetric[];
  readonly windows: Windows;
  readonly history: BillingHistory;
}

function usageSlots({ line, charges, windows, history }: BilledLine, tenures: readonly Tenure[] = []): UsageSlot[] {
  const { chargesFrom: from, chargesTo } = windows;
  if (!readsUsage(line, windows) || from === null || chargesTo === null) return [];
  const { externalId, customerId, terminatedAt } = line.subscription;
  const isShared = history.endsWhereAnotherBegins && terminatedAt?.getTime() === chargesTo.getTime();
  // An event of that instant belongs to the one that begins (spec, decisions).
  const to = isShared ? new Date(chargesTo.getTime() - 1) : chargesTo;
  const past = tenures.length === 0 ? null : historyOf(customerId, tenures, to);
  return charges.map(({ metric }) =>
    usageSlot({ ...metric, fieldName: metric.fieldName ?? null }, externalId, { from, to }, past),
  );
}

/** How many of a subscription's last claims are looked at: a termination can only meet the newest. */
const CLAIMS = 3;

/** Rows of a subscription on invoices other than the one that is made. */
const OF_OTHERS = `row.organization_id = mine.organization_id and row.subscription_id = mine.id and row.invoice_id <> $2`;

/** Those of an earlier billing instant, however late this one is made: a period that failed is billed as it would have been. */
const OLDER = `row.timestamp < $3`;

const oneFeeWhere = (condition: string): string => `
  select true as found from invoice_subscriptions row
  join fees on fees.invoice_id = row.invoice_id and fees.subscription_id = row.subscription_id
    and fees.fee_type = 'subscription'
  where ${OF_OTHERS} and ${condition}
  limit 1`;

/**
 * What invoices other than the one being made say of its subscriptions' fees and periods, in one statement. Only older ones count,
 * those of an earlier billing instant; a fee of the same day counts also from a later one, unless the invoice is made again (spec,
 * subscriptions-and-invoices 5.1, 5.2; decisions).
 */
function loadHistories(
  em: EntityManager,
  { invoiceId, lines, billingInstant, isMadeAgain, timeZone }: InvoiceOccasion,
): Promise<BillingHistory[]> {
  const day = localDate(billingInstant, timeZone);
  return sql<BillingHistory>(
    em,
    // Each side look takes one row: in whatever form it is planned, no look reads more than this subscription's own rows.
    `select mine.id as "subscriptionId", older.found is not null as "hasOlderFee",
       of_day.found is not null as "hasFeeOfSameDay",
       array(select period_key from billing_claims where subscription_id = mine.id and invoice_id <> $2
             order by period_key desc limit ${CLAIMS}) as "claimedElsewhere",
       exists (select 1 from subscriptions next
               where next.organization_id = mine.organization_id and next.external_id = mine.external_id and next.id <> mine.id
                 and mine.terminated_at > mine.started_at
                 and coalesce(next.usage_from, next.started_at) = mine.terminated_at) as "endsWhereAnotherBegins"
     from unnest($1::uuid[]) as asked (id)
     join subscriptions mine on mine.id = asked.id
     left join lateral (${oneFeeWhere(OLDER)}) older on true
     left join lateral (${oneFeeWhere(`row.timestamp >= $4 and row.timestamp <= $5 and (not $6::boolean or ${OLDER})`)}) of_day on true`,
    [
      lines.map(({ subscription }) => subscription.id),
      invoiceId,
      billingInstant.toISOString(),
      startOfLocalDay(day, timeZone).toISOString(),
      endOfLocalDay(day, timeZone).toISOString(),
      isMadeAgain,
    ],
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
