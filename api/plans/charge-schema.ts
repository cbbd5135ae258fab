import { z } from 'zod';
import { isChargeModel } from '../../billing/charges/charge-model.ts';
import { KNOWN_CHARGE_MODELS } from '../../billing/plans/charge-options.ts';
import { chargePropertiesReference } from '../../shapes/plans/charge-properties.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { chargeFilterSchema } from '../../shapes/plans/charge-filter.ts';
import { chargeSchema } from '../../shapes/plans/charge.ts';
import { unavailableByItself, unavailableValues } from '../document/unavailable.ts';
import { NAME_LENGTH, optionalText } from '../http/validation.ts';
import { taxCodes } from '../taxes/schema.ts';

const FILTERS_MAX = 1_000;
const FILTER_VALUES_MAX = 1_000;

/** Plans for one subscription, which it is about, are still to come. */
const cascadeUpdates = z.boolean().nullish();

const invoiceDisplayName = optionalText();
const properties = (description: string) =>
  z
    .unknown()
    .optional()
    .meta({ override: { ...chargePropertiesReference, description } });

/** A filter of a charge. What the spec has a code for is checked in `billing/plans/charge-filter-terms.ts`. */
export const chargeFilterInput = z
  .object({
    values: z
      .record(z.string().max(NAME_LENGTH), z.array(z.string().max(NAME_LENGTH)).max(FILTER_VALUES_MAX))
      .nullish()
      .meta({
        description: 'Which events it takes: values that the billable metric declares, or `__ALL_FILTER_VALUES__`.',
        examples: [{ cloud: ['aws', 'gcp'], region: ['__ALL_FILTER_VALUES__'] }],
      }),
    properties: properties("Of the charge's model."),
    invoice_display_name: invoiceDisplayName,
  })
  .meta({ id: 'ChargeFilterInput' });
export type ChargeFilterInput = z.infer<typeof chargeFilterInput>;

const chargeModel = unavailableValues(
  optionalText().meta({ override: { type: ['string', 'null'], enum: [...KNOWN_CHARGE_MODELS, null] } }),
  KNOWN_CHARGE_MODELS.filter((model) => !isChargeModel(model)),
);

const appliedPricingUnit = z
  .object({
    code: optionalText().meta({ description: 'Of one of your pricing units.', examples: ['credits'] }),
    conversion_rate: z
      .union([z.string().max(NAME_LENGTH), z.number()])
      .nullish()
      .meta({
        override: { type: ['string', 'number', 'null'], description: 'Units of the currency that one of it is worth.' },
        examples: ['0.5'],
      }),
  })
  .nullish()
  .meta({
    description: 'Prices and the minimum are in this unit. It is chosen once; later only its rate changes.',
    id: 'AppliedPricingUnitInput',
  });

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
    properties: properties('By charge model; the default of the model when absent.'),
    invoice_display_name: invoiceDisplayName,
    pay_in_advance: z
      .boolean()
      .nullish()
      .meta({ description: 'Each event is charged at once; not with the model `volume`.' }),
    invoiceable: z
      .boolean()
      .nullish()
      .meta({ description: '`false`, with `pay_in_advance`: fees without invoice, whose payment you report.' }),
    regroup_paid_fees: optionalText().meta({
      description: '`invoice`: such fees are gathered on an invoice once they are paid.',
    }),
    prorated: z
      .boolean()
      .nullish()
      .meta({ description: 'Units of a recurring metric count for the days on which they were there.' }),
    min_amount_cents: z
      .int()
      .nullish()
      .meta({ description: 'What a whole period of it costs at least; what is missing is a fee of its own.' }),
    accepts_target_wallet: unavailableByItself(z.boolean().nullish(), 'There are no wallets.'),
    filters: z
      .array(chargeFilterInput)
      .max(FILTERS_MAX)
      .nullish()
      .meta({ description: 'Prices of events with certain properties; a list is the whole new list.' }),
    tax_codes: taxCodes,
    applied_pricing_unit: appliedPricingUnit,
  })
  .meta({ id: 'ChargeInput' });

export type ChargeInput = z.infer<typeof chargeInput>;

/** A charge by itself: its plan and, in an update, its code are in the path. */
export const ownChargeInput = chargeInput
  .omit({ id: true })
  .extend({ cascade_updates: cascadeUpdates })
  .meta({ id: 'OwnChargeInput' });
export type OwnChargeInput = z.infer<typeof ownChargeInput>;

export const chargeFilterChangeInput = chargeFilterInput
  .omit({ values: true })
  .extend({ cascade_updates: cascadeUpdates })
  .meta({ id: 'ChargeFilterChangeInput' });
export type ChargeFilterChangeInput = z.infer<typeof chargeFilterChangeInput>;

export const chargeAnswer = z.strictObject({ charge: chargeSchema });
export const chargeListAnswer = z.strictObject({ charges: z.array(chargeSchema), meta: metaSchema });
export const chargeListQuery = z.object(pageQuery);
export const chargeFilterAnswer = z.strictObject({ filter: chargeFilterSchema });
export const chargeFilterListAnswer = z.strictObject({ filters: z.array(chargeFilterSchema), meta: metaSchema });
