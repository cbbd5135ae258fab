import type { EntityManager } from '@mikro-orm/postgresql';
import { paidInAdvance } from '../instant-charges/paid-in-advance.ts';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { currentWindow } from '../../billing/calendar/charge-window.ts';
import { chargeFees } from '../../billing/fees/charge-fees.ts';
import { taxedParties } from '../../billing/invoices/planned-invoice.ts';
import { ZERO } from '../../billing/money/decimal.ts';
import { notAllowed, notFound } from '../../billing/refusal.ts';
import { serviceTermsOf } from '../../billing/subscriptions/terms-of.ts';
import { taxedFees } from '../../billing/taxes/apply-taxes.ts';
import { taxesOfInvoice } from '../../billing/taxes/invoice-taxes.ts';
import type { InvoiceTaxFacts } from '../../billing/taxes/tax-facts.ts';
import { selectCharges, type UsageSelection } from '../../billing/usage/select-charges.ts';
import type { UsagePeriod } from '../../billing/usage/usage-period.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { lastInvoicedWindows } from '../../db/queries/subscriptions/last-invoiced-windows.ts';
import { taxesForBilling } from '../../db/queries/taxes/taxes-for-billing.ts';
import { loadPlans, type PlanWithCharges } from '../../shapes/plans/load-plans.ts';
import type { CurrentUsage, UsedCharge } from '../../shapes/usage/current-usage.ts';
import type { CommandScope } from '../command-scope.ts';
import { taxesOfParties, withTaxes } from '../invoices/facts/load-tax-facts.ts';
import { chargeUsage } from './charge-usage.ts';

/** Whose usage, and which. */
export interface CurrentUsageQuestion {
  readonly externalCustomerId: string;
  /** null: of none, which is refused. */
  readonly externalSubscriptionId: string | null;
  readonly selection: UsageSelection;
  /** false: what it costs without taxes. */
  readonly applyTaxes: boolean;
  /** Whether the groups of a charge are priced together. */
  readonly skipGroups: boolean;
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
  {
    externalCustomerId,
    externalSubscriptionId,
    selection,
    applyTaxes,
    skipGroups,
    premiumIntegrations,
  }: CurrentUsageQuestion,
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
  const { group, presentationKeys } = selection;
  const asked = { subscription, charges, usage: window, skipGroups, group, presentationKeys };
  const [usage] = await chargeUsage(em, scope.organizationId, [asked]);
  const currency = plan.plan.amountCurrency;
  const isAll = !selection.fullUsage && !skipGroups && Object.keys(group).length === 0;
  const paid = isAll ? await paidInAdvance(em, subscription, period, charges) : null;
  const used = charges.map((charged) => {
    const facts = usage?.get(charged.charge.id);
    if (!facts) throw new Error(`the usage of charge ${charged.charge.id} was not read`);
    const fees = chargeFees(paid?.(charged, facts) ?? facts, currency);
    return { ...charged, fees, pricings: facts.buckets.map(({ pricing }) => pricing) };
  });
  const taxesAmountCents = applyTaxes ? await taxesOfUsage(em, scope, customer, subscription, used) : 0n;
  return { window, timeZone, currency, charges: used, taxesAmountCents };
}

/** Taxes of each fee as they would be on its invoice, rounded once over their sum (spec, usage 7.1; money 1.5). */
async function taxesOfUsage(
  em: EntityManager,
  { organizationId }: Pick<CommandScope, 'organizationId'>,
  customer: Customer,
  { id: subscriptionId, planId }: Subscription,
  charges: readonly UsedCharge[],
): Promise<bigint> {
  const chargeIds = charges.map(({ charge }) => charge.id);
  const parties = taxedParties(customer);
  const found = await taxesForBilling(em, organizationId, [
    customer.id,
    customer.billingEntityId,
    planId,
    ...chargeIds,
  ]);
  const facts: InvoiceTaxFacts = {
    ...taxesOfParties(parties, found),
    ofPlans: withTaxes([[subscriptionId, planId]], found),
    ofCharges: withTaxes(
      chargeIds.map((id) => [id, id]),
      found,
    ),
    ofAddOns: new Map(),
  };
  const fees = charges.flatMap(({ charge, fees: buckets }) =>
    buckets.map((fee) => ({
      ...fee,
      preciseCouponsAmountCents: ZERO,
      source: { kind: 'charge' as const, chargeId: charge.id, subscriptionId },
    })),
  );
  const amountCents = fees.reduce((sum, fee) => sum + fee.amountCents, 0n);
  return taxesOfInvoice(taxedFees(fees, facts), amountCents).taxesAmountCents;
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
): Promise<UsagePeriod> {
  const at = subscription.startedAt && subscription.startedAt > now ? subscription.startedAt : now;
  const scope = { organizationId, subscriptionIds: [subscription.id], before: at };
  const last = (await lastInvoicedWindows(em, scope)).get(subscription.id);
  const terms = serviceTermsOf(subscription, plan);
  const window = currentWindow(terms, timeZone, at, 'charges', last?.charges ?? null);
  if (!window) throw notAllowed('no_active_subscription');
  return { ...window, timeZone, isEndedByUpgrade: false };
}
