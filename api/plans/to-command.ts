import { isBlank, textOrNull } from '../../billing/blank-text.ts';
import { numberToCents } from '../../billing/money/cents.ts';
import { Decimal } from '../../billing/money/decimal.ts';
import type { ChargeFilterCommand } from '../../billing/plans/charge-filter-terms.ts';
import type { ChargeFilterChange } from '../../billing/plans/one-charge.ts';
import type { ChargeCommand, PlanCommand, PlanUpdateCommand } from '../../billing/plans/plan-command.ts';
import { unavailableFields } from '../document/unavailable.ts';
import { given } from '../http/given-attributes.ts';
import {
  chargeInput,
  type ChargeFilterChangeInput,
  type ChargeFilterInput,
  type ChargeInput,
  type OwnChargeInput,
} from './charge-schema.ts';
import { planUpdateSchema, type PlanCreateInput, type PlanUpdateInput } from './schema.ts';

/** A plan that is to be created. */
export const toPlanCommand = (input: PlanCreateInput): PlanCommand => ({
  terms: {
    name: input.name,
    invoiceDisplayName: textOrNull(input.invoice_display_name ?? null),
    code: input.code,
    description: textOrNull(input.description ?? null),
    interval: input.interval,
    amountCents: numberToCents(input.amount_cents),
    amountCurrency: input.amount_currency,
    trialPeriod: input.trial_period == null ? null : new Decimal(input.trial_period),
    payInAdvance: input.pay_in_advance ?? false,
    billChargesMonthly: input.bill_charges_monthly ?? null,
    billFixedChargesMonthly: input.bill_fixed_charges_monthly ?? null,
    metadata: input.metadata ?? null,
  },
  charges: chargesOf(input.charges ?? []),
  ...partsOf(input),
});

/** A plan that is to be changed: what the request does not name stays. */
export const toPlanUpdateCommand = (input: PlanUpdateInput): PlanUpdateCommand => ({
  terms: given({
    name: input.name,
    invoiceDisplayName: input.invoice_display_name === undefined ? undefined : textOrNull(input.invoice_display_name),
    code: input.code,
    description: input.description === undefined ? undefined : textOrNull(input.description),
    interval: input.interval,
    amountCents: input.amount_cents === undefined ? undefined : numberToCents(input.amount_cents),
    amountCurrency: input.amount_currency,
    trialPeriod: input.trial_period == null ? input.trial_period : new Decimal(input.trial_period),
    payInAdvance: input.pay_in_advance ?? undefined,
    billChargesMonthly: input.bill_charges_monthly,
    billFixedChargesMonthly: input.bill_fixed_charges_monthly,
    metadata: input.metadata,
  }),
  charges: input.charges == null ? null : chargesOf(input.charges),
  ...partsOf(input),
});

/** The charges are looked at one by one. */
const partsOf = (input: PlanUpdateInput) => ({
  taxCodes: input.tax_codes ?? null,
  unavailable: unavailableFields(planUpdateSchema, { ...input, charges: [] }),
});

const chargesOf = (inputs: readonly ChargeInput[]): ChargeCommand[] =>
  inputs.map((input, index) => toChargeCommand(input, `charges.${index}`));

/** A charge by itself, new or to be changed. */
export const toOwnChargeCommand = (input: OwnChargeInput): ChargeCommand => toChargeCommand(input, 'charge');

/** @param place of the charge in the request, as in `charges.0`. */
const toChargeCommand = (
  input: Omit<ChargeInput, 'id'> & { id?: ChargeInput['id'] },
  place: string,
): ChargeCommand => ({
  place,
  id: input.id ?? null,
  billableMetricId: input.billable_metric_id ?? null,
  code: isBlank(input.code) ? null : (input.code ?? null),
  chargeModel: input.charge_model ?? null,
  properties: input.properties ?? null,
  invoiceDisplayName: textOrNull(input.invoice_display_name ?? null),
  payInAdvance: input.pay_in_advance ?? false,
  invoiceable: input.invoiceable ?? true,
  regroupPaidFees: input.regroup_paid_fees ?? null,
  prorated: input.prorated ?? false,
  minAmountCents: numberToCents(input.min_amount_cents ?? 0),
  acceptsTargetWallet: input.accepts_target_wallet ?? false,
  appliedPricingUnit: input.applied_pricing_unit
    ? {
        code: input.applied_pricing_unit.code ?? null,
        conversionRate: input.applied_pricing_unit.conversion_rate ?? null,
      }
    : null,
  filters: input.filters?.map(toChargeFilterCommand) ?? null,
  taxCodes: input.tax_codes ?? null,
  unavailable: unavailableFields(chargeInput, input),
});

/** A filter that is to be created. */
export const toChargeFilterCommand = (input: ChargeFilterInput): ChargeFilterCommand => ({
  values: input.values ?? {},
  properties: input.properties ?? null,
  invoiceDisplayName: textOrNull(input.invoice_display_name ?? null),
});

/** A filter that is to be changed: what the request does not name stays. */
export const toChargeFilterChange = (input: ChargeFilterChangeInput): ChargeFilterChange =>
  given({
    properties: input.properties,
    invoiceDisplayName: input.invoice_display_name === undefined ? undefined : textOrNull(input.invoice_display_name),
  });
