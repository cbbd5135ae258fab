import { z } from 'zod';
import { isChargeModel } from '../../billing/charges/charge-model.ts';
import { KNOWN_CHARGE_MODELS } from '../../billing/plans/charge-options.ts';
import { chargePropertiesReference } from '../../shapes/plans/charge.ts';
import { unavailable, unavailableByItself, unavailableValues } from '../document/unavailable.ts';
import { optionalText } from '../http/validation.ts';
import { taxCodes } from '../taxes/schema.ts';

const FILTERS_MAX = 1_000;

const chargeModel = unavailableValues(
  optionalText().meta({ override: { type: ['string', 'null'], enum: [...KNOWN_CHARGE_MODELS, null] } }),
  KNOWN_CHARGE_MODELS.filter((model) => !isChargeModel(model)),
);

/**
 * A charge of a plan's list. What the spec has a code for is checked in `billing/plans/charge-terms.ts`, under the
 * attribute's own name and not by its place in the list (spec, usage 3.2, 3.4).
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
