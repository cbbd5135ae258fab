import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { currentWindow } from '../../billing/calendar/charge-window.ts';
import { pricingOf } from '../../billing/charges/properties.ts';
import { usageFee, type UsageFee } from '../../billing/fees/usage-fee.ts';
import type { Currency } from '../../billing/money/currency.ts';
import { notAllowed, notFound } from '../../billing/refusal.ts';
import { NO_CHAIN } from '../../billing/subscriptions/subscription-chain.ts';
import { ANY_CHARGES, termsOf } from '../../billing/subscriptions/terms-of.ts';
import { aggregate, type UsageTotals } from '../../billing/usage/aggregate.ts';
import { historyOf } from '../../billing/usage/usage-history.ts';
import { usageSlot } from '../../billing/usage/usage-slot.ts';
import { BillingEntity } from '../../db/entities/billing-entity.ts';
import { Customer } from '../../db/entities/customer.ts';
import { Subscription } from '../../db/entities/subscription.ts';
import { lastInvoicedWindows } from '../../db/queries/subscriptions/last-invoiced-windows.ts';
import { sharedTenures } from '../../db/queries/usage/usage-tenures.ts';
import { readUsage } from '../../db/queries/usage/usage.ts';
import { loadPlans, type ChargeWithMetric, type PlanWithCharges } from '../../shapes/plans/load-plans.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { CurrentUsageQuery } from './schema.ts';
import { selectCharges } from './selected-charges.ts';

/** What one charge would cost if the period ended with the events there are. */
export interface ChargeUsageFee extends ChargeWithMetric {
  readonly fee: UsageFee;
}

/** The usage of the period that runs now. */
export interface CurrentUsage {
  /** UTC, both ends inclusive. */
  readonly window: { readonly from: Date; readonly to: Date };
  /** The customer's. */
  readonly timeZone: string;
  readonly currency: Currency;
  readonly fees: readonly ChargeUsageFee[];
}

/**
 * Prices the events of the running period like a final bill, events dated ahead included; nothing is stored, and charges
 * without usage stay in (spec, usage 7.1).
 *
 * @throws Refusal 404 `customer_not_found`, 405 `no_active_subscription`, and those of `selectCharges`.
 */
export async function readCurrentUsage(
  context: RequestContext,
  externalCustomerId: string,
  query: CurrentUsageQuery,
): Promise<CurrentUsage> {
  const { em, organization } = context;
  const customer = await em.findOne(Customer, { externalId: externalCustomerId, deletedAt: null });
  if (!customer) throw notFound('customer');
  const subscription = await activeSubscription(context, customer, query.external_subscription_id);
  const plan = (await loadPlans(em, [subscription.planId])).get(subscription.planId);
  if (!plan) throw new Error(`subscription ${subscription.id} has no plan`);
  const { charges, fullUsage } = selectCharges(plan.charges, query, organization.premiumIntegrations);
  const entity = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
  const timeZone = applicableTimeZone(customer, entity);
  const period = await runningPeriod(context, subscription, plan, timeZone);
  const start = subscription.usageFrom ?? subscription.startedAt ?? period.from;
  const window = fullUsage ? { ...period, from: start } : period;
  const tenures = (await sharedTenures(em, organization.id, [subscription.id])).get(subscription.id);
  const history = tenures ? historyOf(customer.id, tenures, window.to) : null;
  const slots = charges.map(({ billableMetric }) =>
    usageSlot(
      { ...billableMetric, fieldName: billableMetric.fieldName ?? null },
      subscription.externalId,
      window,
      history,
    ),
  );
  const totals = await readUsage(em, organization.id, slots);
  const currency = plan.plan.amountCurrency;
  return { window, timeZone, currency, fees: charges.map((charge, index) => price(charge, totals[index], currency)) };
}

async function activeSubscription(
  { em }: RequestContext,
  customer: Customer,
  externalId: string | undefined,
): Promise<Subscription> {
  const subscription = externalId
    ? await em.findOne(Subscription, { externalId, customerId: customer.id, status: 'active' })
    : null;
  if (!subscription) throw notAllowed('no_active_subscription');
  return subscription;
}

/** The first period of a subscription that starts later, as a clock that went back makes it look. */
async function runningPeriod(
  { em, organization, now }: RequestContext,
  subscription: Subscription,
  { plan }: PlanWithCharges,
  timeZone: string,
): Promise<CurrentUsage['window']> {
  const at = subscription.startedAt && subscription.startedAt > now ? subscription.startedAt : now;
  const scope = { organizationId: organization.id, subscriptionIds: [subscription.id], before: at };
  const last = (await lastInvoicedWindows(em, scope)).get(subscription.id);
  const terms = termsOf(subscription, plan, ANY_CHARGES, NO_CHAIN);
  const window = currentWindow(terms, timeZone, at, 'charges', last?.charges ?? null);
  if (!window) throw notAllowed('no_active_subscription');
  return { from: window.from, to: window.to };
}

function price(charged: ChargeWithMetric, totals: UsageTotals | undefined, currency: Currency): ChargeUsageFee {
  const { charge, billableMetric } = charged;
  if (!totals) throw new Error(`the usage of charge ${charge.id} was not read`);
  const fee = usageFee({
    usage: aggregate(billableMetric, totals),
    rounding: {
      roundingFunction: billableMetric.roundingFunction ?? null,
      roundingPrecision: billableMetric.roundingPrecision ?? null,
    },
    pricing: pricingOf(charge.chargeModel, charge.properties),
    currency,
  });
  return { ...charged, fee };
}
