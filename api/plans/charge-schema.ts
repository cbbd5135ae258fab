import { z } from 'zod';
import { NAME_LENGTH, optionalText } from '../validation.ts';

const FILTERS_MAX = 1_000;
const TAX_CODES_MAX = 100;

export const taxCodes = z.array(z.string().max(NAME_LENGTH)).max(TAX_CODES_MAX).nullish();

/**
 * A charge of a plan's list. What the spec has a code for is checked in `charge-terms.ts`, under the attribute's own name and
 * not by its place in the list (spec, usage 3.2, 3.4).
 */
export const chargeInput = z
  .object({
    id: optionalText().meta({
      description: 'Update only: `lago_id` of the charge to change; without it a new one is made.',
    }),
    billable_metric_id: optionalText().meta({ description: '`lago_id` of the billable metric.' }),
    code: optionalText().meta({ description: "Unique in the plan; made from the metric's code when absent." }),
    charge_model: optionalText().meta({ examples: ['standard'] }),
    properties: z
      .unknown()
      .optional()
      .meta({
        type: 'object',
        description: 'By charge model; the default of the model when absent.',
        examples: [{ amount: '0.01' }],
      }),
    invoice_display_name: optionalText(),
    pay_in_advance: z.boolean().nullish(),
    invoiceable: z.boolean().nullish(),
    regroup_paid_fees: optionalText(),
    prorated: z.boolean().nullish(),
    min_amount_cents: z.int().nullish(),
    accepts_target_wallet: z.boolean().nullish(),
    filters: z.array(z.unknown()).max(FILTERS_MAX).nullish(),
    tax_codes: taxCodes,
    applied_pricing_unit: z.unknown().optional(),
  })
  .meta({ id: 'ChargeInput' });

export type ChargeInput = z.infer<typeof chargeInput>;

export const chargeSchema = z
  .strictObject({
    lago_id: z.uuid(),
    lago_billable_metric_id: z.uuid(),
    code: z.string(),
    invoice_display_name: z.string().nullable(),
    billable_metric_code: z.string(),
    created_at: z.string().meta({ format: 'date-time' }),
    charge_model: z.enum(['standard', 'graduated']),
    invoiceable: z.boolean(),
    regroup_paid_fees: z.literal('invoice').nullable(),
    pay_in_advance: z.boolean(),
    prorated: z.boolean(),
    min_amount_cents: z.int(),
    accepts_target_wallet: z.boolean(),
    properties: z.record(z.string(), z.unknown()),
    applied_pricing_unit: z.null(),
    lago_parent_id: z.uuid().nullable(),
    filters: z.array(z.unknown()),
    taxes: z.array(z.unknown()),
  })
  .meta({ id: 'Charge' });

export type ChargeJson = z.infer<typeof chargeSchema>;
