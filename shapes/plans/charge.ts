import { z } from 'zod';
import { CHARGE_MODELS } from '../../billing/charges/charge-model.ts';
import { centsToNumber } from '../../billing/money/cents.ts';
import { plainDecimal } from '../../billing/money/decimal.ts';
import type { TaxesByOwner } from '../../db/queries/taxes/attached-taxes.ts';
import { datetime } from '../formats.ts';
import { taxJson, taxSchema } from '../taxes/tax.ts';
import { chargeFilterJson, chargeFilterSchema } from './charge-filter.ts';
import { chargePropertiesShape, shownProperties } from './charge-properties.ts';
import type { ChargeWithMetric } from './load-plans.ts';

/** Spec, usage 3.2. */
export const chargeSchema = z
  .strictObject({
    lago_id: z.uuid(),
    lago_billable_metric_id: z.uuid(),
    code: z.string(),
    invoice_display_name: z.string().nullable(),
    billable_metric_code: z.string(),
    created_at: z.string().meta({ format: 'date-time' }),
    charge_model: z.enum(CHARGE_MODELS),
    invoiceable: z.boolean(),
    regroup_paid_fees: z.literal('invoice').nullable(),
    pay_in_advance: z.boolean(),
    prorated: z.boolean(),
    min_amount_cents: z.int(),
    accepts_target_wallet: z.boolean(),
    properties: chargePropertiesShape,
    applied_pricing_unit: z
      .strictObject({ conversion_rate: z.string().meta({ examples: ['0.5'] }), code: z.string() })
      .nullable()
      .meta({ description: 'What prices and the minimum are said in; null: the currency of the plan.' }),
    lago_parent_id: z.uuid().nullable(),
    filters: z.array(chargeFilterSchema),
    taxes: z.array(taxSchema),
  })
  .meta({ id: 'Charge' });

export const chargeJson = (
  { charge, billableMetric, pricingUnit, filters }: ChargeWithMetric,
  taxes: TaxesByOwner,
): z.infer<typeof chargeSchema> => ({
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
  applied_pricing_unit:
    pricingUnit && charge.pricingUnitRate
      ? { conversion_rate: plainDecimal(charge.pricingUnitRate), code: pricingUnit.code }
      : null,
  lago_parent_id: charge.parentId ?? null,
  filters: filters.map((filter) => chargeFilterJson(filter, charge)),
  taxes: (taxes.get(charge.id) ?? []).map(taxJson),
});
