import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { currentWindow } from '../../billing/calendar/charge-window.ts';
import { chargeFees } from '../../billing/fees/charge-fees.ts';
import { notAllowed, notFound } from '../../billing/refusal.ts';
import { NO_CHAIN } from '../../billing/subscriptions/subscription-chain.ts';
import { ANY_CHARGES, termsOf } from '../../billing/subscriptions/terms-of.ts';
import { selectCharges, type UsageSelection } from '../../billing/usage/select-charges.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { lastInvoicedWindows } from '../../db/queries/subscriptions/last-invoiced-windows.ts';
import { loadPlans, type PlanWithCharges } from '../../shapes/plans/load-plans.ts';
import type { CurrentUsage } from '../../shapes/usage/current-usage.ts';
import type { CommandScope } from '../command-scope.ts';
import { chargeUsage } from './charge-usage.ts';

/** Whose usage, and which. */
export interface CurrentUsageQuestion {
  readonly externalCustomerId: string;
  /** null: of none, which is refused. */
  readonly externalSubscriptionId: string | null;
  readonly selection: UsageSelection;
  /** What is switched on for the organization. */
  readonly premiumIntegrations: readonly string[];
}

/**
 * Prices the events of the running period like a final bill, events dated ahead included; nothing is stored, and
 * charges without usage stay in (spec, usage 7.1).
 *
 * @throws Refusal 404 `customer_not_found`, 405 `no_active_subscription`, and those of `selectCharges`.
 */
export async function readCurrentUsage(
  em: EntityManager,
  scope: Pick<CommandScope, 'organizationId' | 'now'>,
  { externalCustomerId, externalSubscriptionId, selection, premiumIntegrations }: CurrentUsageQuestion,
): Promise<CurrentUsage> {
  const customer = await em.findOne(Customer, { externalId: externalCustomerId, deletedAt: null });
  if (!customer) throw notFound('customer');
  const subscription = await activeSubscription(em, customer, externalSubscriptionId);
  const plan = (await loadPlans(em, [subscription.planId])).get(subscription.planId);
  if (!plan) throw new Error(`subscription ${subscription.id} has no plan`);
  const charges = selectCharges(plan.charges, selection, premiumIntegrations);
  const entity = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
  const timeZone = applicableTimeZone(customer, entity);
  const period = await runningPeriod(em, scope, subscription, plan, timeZone);
  const start = subscription.usageFrom ?? subscription.startedAt ?? period.from;
  const window = selection.fullUsage ? { ...period, from: start } : period;
  const [usage] = await chargeUsage(em, scope.organizationId, [{ subscription, charges, usage: window }]);
  const currency = plan.plan.amountCurrency;
  return {
    window,
    timeZone,
    currency,
    charges: charges.map((charged) => {
      const facts = usage?.get(charged.charge.id);
      if (!facts) throw new Error(`the usage of charge ${charged.charge.id} was not read`);
      return { ...charged, fees: chargeFees(facts, currency) };
    }),
  };
}

async function activeSubscription(
  em: EntityManager,
  customer: Customer,
  externalId: string | null,
): Promise<Subscription> {
  const subscription = externalId
    ? await em.findOne(Subscription, { externalId, customerId: customer.id, status: 'active' })
    : null;
  if (!subscription) throw notAllowed('no_active_subscription');
  return subscription;
}

/** The first period of a subscription that starts later, as a clock that went back makes it look. */
async function runningPeriod(
  em: EntityManager,
  { organizationId, now }: Pick<CommandScope, 'organizationId' | 'now'>,
  subscription: Subscription,
  { plan }: PlanWithCharges,
  timeZone: string,
): Promise<CurrentUsage['window']> {
  const at = subscription.startedAt && subscription.startedAt > now ? subscription.startedAt : now;
  const scope = { organizationId, subscriptionIds: [subscription.id], before: at };
  const last = (await lastInvoicedWindows(em, scope)).get(subscription.id);
  const terms = termsOf(subscription, plan, ANY_CHARGES, NO_CHAIN);
  const window = currentWindow(terms, timeZone, at, 'charges', last?.charges ?? null);
  if (!window) throw notAllowed('no_active_subscription');
  return { from: window.from, to: window.to };
}
