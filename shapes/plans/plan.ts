import { centsToNumber } from '../../billing/money/cents.ts';
import { datetime } from '../formats.ts';
import type { ChargeWithMetric, PlanWithCharges } from './load-plans.ts';

/** The old and the new name of the grouping keys show the same list, whichever was given (spec, usage 3.2). */
function shownProperties(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const keys = properties['pricing_group_keys'] ?? properties['grouped_by'];
  return keys === undefined ? { ...properties } : { ...properties, pricing_group_keys: keys, grouped_by: keys };
}

/** Spec, usage 3.2. */
export const chargeJson = ({ charge, billableMetric }: ChargeWithMetric) => ({
  lago_id: charge.id,
  lago_billable_metric_id: charge.billableMetricId,
  code: charge.code,
  invoice_display_name: charge.invoiceDisplayName ?? null,
  billable_metric_code: billableMetric.code,
  created_at: datetime(charge.createdAt),
  charge_model: charge.chargeModel,
  invoiceable: charge.invoiceable,
  regroup_paid_fees: charge.regroupPaidFees ?? null,
  pay_in_advance: charge.payInAdvance,
  prorated: charge.prorated,
  min_amount_cents: centsToNumber(charge.minAmountCents),
  accepts_target_wallet: charge.acceptsTargetWallet,
  properties: shownProperties(charge.properties),
  applied_pricing_unit: null,
  lago_parent_id: charge.parentId ?? null,
  filters: [],
  taxes: [],
});

/** A plan as lists show it: without fixed charges (spec, subscriptions-and-invoices 1.3). */
export const listedPlanJson = ({ plan, charges }: PlanWithCharges) => ({
  lago_id: plan.id,
  name: plan.name,
  invoice_display_name: plan.invoiceDisplayName ?? null,
  created_at: datetime(plan.createdAt),
  code: plan.code,
  interval: plan.interval,
  description: plan.description ?? null,
  amount_cents: centsToNumber(plan.amountCents),
  amount_currency: plan.amountCurrency,
  trial_period: plan.trialPeriod?.toNumber() ?? null,
  pay_in_advance: plan.payInAdvance,
  bill_charges_monthly: plan.billChargesMonthly ?? null,
  bill_fixed_charges_monthly: plan.billFixedChargesMonthly ?? null,
  customers_count: 0 as const,
  active_subscriptions_count: 0 as const,
  draft_invoices_count: 0 as const,
  parent_id: plan.parentId ?? null,
  pending_deletion: plan.pendingDeletion,
  minimum_commitment: null,
  charges: charges.map(chargeJson),
  usage_thresholds: [],
  applicable_usage_thresholds: [],
  taxes: [],
  entitlements: [],
  ...(plan.metadata && { metadata: plan.metadata }),
});

/** A plan alone or inside a subscription. */
export const planJson = (loaded: PlanWithCharges) => ({ ...listedPlanJson(loaded), fixed_charges: [] });
