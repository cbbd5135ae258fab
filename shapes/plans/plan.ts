import { z } from 'zod';
import { INTERVALS } from '../../billing/calendar/interval.ts';
import { centsToNumber } from '../../billing/money/cents.ts';
import { datetime } from '../formats.ts';
import { taxJson, taxSchema } from '../taxes/tax.ts';
import { chargeJson, chargeSchema } from './charge.ts';
import type { PlanWithCharges } from './load-plans.ts';

/** A count that old clients expect (spec, behaviours S096). */
const zero = z.literal(0).meta({ description: 'Always 0.' });

export const planSchema = z
  .strictObject({
    lago_id: z.uuid(),
    name: z.string(),
    invoice_display_name: z.string().nullable(),
    created_at: z.string().meta({ format: 'date-time' }),
    code: z.string(),
    interval: z.enum(INTERVALS),
    description: z.string().nullable(),
    amount_cents: z.int(),
    amount_currency: z.string(),
    trial_period: z.number().nullable(),
    pay_in_advance: z.boolean(),
    bill_charges_monthly: z.boolean().nullable(),
    bill_fixed_charges_monthly: z.boolean().nullable(),
    customers_count: zero,
    active_subscriptions_count: zero,
    draft_invoices_count: zero,
    parent_id: z.uuid().nullable(),
    pending_deletion: z.boolean(),
    minimum_commitment: z.null(),
    charges: z.array(chargeSchema),
    fixed_charges: z.array(z.unknown()).optional(),
    usage_thresholds: z.array(z.unknown()),
    applicable_usage_thresholds: z.array(z.unknown()),
    taxes: z.array(taxSchema),
    entitlements: z.array(z.unknown()),
    metadata: z.record(z.string(), z.string().nullable()).optional(),
  })
  .meta({ id: 'Plan' });

type PlanJson = z.infer<typeof planSchema>;

/** A plan as lists show it: without fixed charges (spec, subscriptions-and-invoices 1.3). */
export const listedPlanJson = ({ plan, charges, taxes }: PlanWithCharges): PlanJson => ({
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
  customers_count: 0,
  active_subscriptions_count: 0,
  draft_invoices_count: 0,
  parent_id: plan.parentId ?? null,
  pending_deletion: plan.pendingDeletion,
  minimum_commitment: null,
  charges: charges.map((charge) => chargeJson(charge, taxes)),
  usage_thresholds: [],
  applicable_usage_thresholds: [],
  taxes: (taxes.get(plan.id) ?? []).map(taxJson),
  entitlements: [],
  ...(plan.metadata && { metadata: plan.metadata }),
});

/** A plan alone or inside a subscription. */
export const planJson = (loaded: PlanWithCharges): PlanJson => ({ ...listedPlanJson(loaded), fixed_charges: [] });
