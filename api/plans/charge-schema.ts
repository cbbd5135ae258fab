import { z } from 'zod';
import { CHARGE_MODELS, isChargeModel } from '../../billing/charges/charge-model.ts';
import { unavailable, unavailableByItself, unavailableValues } from '../document/unavailable.ts';
import { NAME_LENGTH, optionalText } from '../http/validation.ts';
import { chargePropertiesReference } from './charge-properties-schema.ts';

const FILTERS_MAX = 1_000;
const TAX_CODES_MAX = 100;

export const taxCodes = unavailableByItself(
  z.array(z.string().max(NAME_LENGTH)).max(TAX_CODES_MAX).nullish(),
  'There are no taxes: any code is 404 `tax_not_found`.',
);

/** Charge models of the API (spec, usage 3.2). */
export const KNOWN_MODELS = [
  ...CHARGE_MODELS,
  'package',
  'percentage',
  'volume',
  'graduated_percentage',
  'dynamic',
  'custom',
] as const;

const chargeModel = unavailableValues(
  optionalText().meta({ override: { type: ['string', 'null'], enum: [...KNOWN_MODELS, null] } }),
  KNOWN_MODELS.filter((model) => !isChargeModel(model)),
);

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
    charge_model: chargeModel,
    properties: z
      .unknown()
      .optional()
      .meta({
        override: {
          ...chargePropertiesReference,
          description: 'By charge model; the default of the model when absent.',
        },
      }),
    invoice_display_name: optionalText(),
    pay_in_advance: unavailable(z.boolean().nullish(), 'All charges are billed in arrears.'),
    invoiceable: unavailableByItself(z.boolean().nullish(), '`false` needs `pay_in_advance`.'),
    regroup_paid_fees: unavailableByItself(optionalText(), 'It needs `pay_in_advance`.'),
    prorated: unavailableByItself(z.boolean().nullish(), 'No charge is prorated.'),
    min_amount_cents: unavailable(z.int().nullish(), 'A minimum of the charge.', (cents) => Number(cents ?? 0) > 0),
    accepts_target_wallet: unavailableByItself(z.boolean().nullish(), 'There are no wallets.'),
    filters: unavailable(z.array(z.unknown()).max(FILTERS_MAX).nullish(), 'Prices by properties of events.'),
    tax_codes: taxCodes,
    applied_pricing_unit: unavailable(z.unknown().optional(), 'Prices in units of your own.'),
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
    charge_model: z.enum(CHARGE_MODELS),
    invoiceable: z.boolean(),
    regroup_paid_fees: z.literal('invoice').nullable(),
    pay_in_advance: z.boolean(),
    prorated: z.boolean(),
    min_amount_cents: z.int(),
    accepts_target_wallet: z.boolean(),
    properties: z
      .custom<Record<string, unknown>>((value) => typeof value === 'object')
      .meta({ override: chargePropertiesReference }),
    applied_pricing_unit: z.null(),
    lago_parent_id: z.uuid().nullable(),
    filters: z.array(z.unknown()),
    taxes: z.array(z.unknown()),
  })
  .meta({ id: 'Charge' });

export type ChargeJson = z.infer<typeof chargeSchema>;
