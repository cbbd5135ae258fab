import { z } from 'zod';
import { PROPERTIES_COMPONENTS } from '../../shapes/plans/charge-properties.ts';
import { NAME_LENGTH } from '../http/validation.ts';

// What the OpenAPI document says of a charge's properties. They are checked by `billing/charges/properties.ts`, which
// has the spec's codes for them (usage 3.4).

const name = z.string().max(NAME_LENGTH);

/** Keys of events by which usage is grouped. */
export const groupKeys = z.object({
  pricing_group_keys: z
    .array(name)
    .optional()
    .meta({ description: 'Keys of events: each combination of their values is priced by itself.' }),
  grouped_by: z.array(name).optional().meta({ deprecated: true, description: 'Older name of `pricing_group_keys`.' }),
  presentation_group_keys: z
    .array(z.object({ value: name, options: z.object({ display_in_invoice: z.boolean() }).optional() }))
    .max(2)
    .optional()
    .meta({ description: 'Keys of events by whose values units are shown apart; prices do not know them.' }),
});

const amount = (description: string, example: string) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .meta({ description, examples: [example] });

const standardProperties = z
  .object({ amount: amount('Of one unit, in the currency of the plan.', '0.05'), ...groupKeys.shape })
  .meta({
    id: PROPERTIES_COMPONENTS.standard,
    description: 'For `charge_model` `standard`: each unit costs the same.',
  });

const bounds = {
  from_value: z
    .number()
    .meta({ description: 'The first range begins at 0, each other one above the end of the last.' }),
  to_value: z.number().nullable().meta({ description: 'Null in the last range alone.' }),
};

const unitRange = z.object({
  ...bounds,
  per_unit_amount: amount('Of one unit in this range.', '0.05'),
  flat_amount: amount('Once, if the range is reached.', '0'),
});

const unitRanges = z
  .array(unitRange)
  .min(1)
  .meta({
    examples: [
      [
        { from_value: 0, to_value: 100, per_unit_amount: '0.05', flat_amount: '0' },
        { from_value: 101, to_value: null, per_unit_amount: '0.04', flat_amount: '0' },
      ],
    ],
  });

const graduatedProperties = z
  .object({
    graduated_ranges: unitRanges,
    ...groupKeys.shape,
  })
  .meta({
    id: PROPERTIES_COMPONENTS.graduated,
    description: 'For `charge_model` `graduated`: units cost what the range says that they fall into.',
  });

const packageProperties = z
  .object({
    amount: amount('Of one package, in the currency of the plan.', '20'),
    package_size: z
      .int()
      .min(1)
      .meta({ description: 'Units in a package.', examples: [1_000] }),
    free_units: z
      .int()
      .min(0)
      .meta({ description: 'Units that no package is opened for.', examples: [100] }),
    ...groupKeys.shape,
  })
  .meta({
    id: PROPERTIES_COMPONENTS.package,
    description: 'For `charge_model` `package`: units are sold in packages, which cost the same used up or not.',
  });

const percentageProperties = z
  .object({
    rate: amount('Percent of the units, which are money.', '1.2'),
    fixed_amount: amount('Of each event that is not free.', '0.25').nullish(),
    free_units_per_events: z
      .int()
      .min(1)
      .nullish()
      .meta({ description: 'How many events are free.', examples: [5] }),
    free_units_per_total_aggregation: amount('How many units are free.', '250').nullish(),
    per_transaction_min_amount: amount('Of each event at least.', '1.75').nullish(),
    per_transaction_max_amount: amount('Of each event at most.', '12').nullish(),
    ...groupKeys.shape,
  })
  .meta({
    id: PROPERTIES_COMPONENTS.percentage,
    description: 'For `charge_model` `percentage`: a rate of the units, and an amount for each event.',
  });

const volumeProperties = z
  .object({
    volume_ranges: unitRanges,
    ...groupKeys.shape,
  })
  .meta({
    id: PROPERTIES_COMPONENTS.volume,
    description: 'For `charge_model` `volume`: all units cost what the range says that the last of them falls into.',
  });

const graduatedPercentageRange = z.object({
  ...bounds,
  rate: amount('Percent of the units in this range.', '1.2'),
  flat_amount: amount('Once, if the range is reached.', '0'),
});

const graduatedPercentageProperties = z
  .object({
    graduated_percentage_ranges: z
      .array(graduatedPercentageRange)
      .min(1)
      .meta({
        examples: [
          [
            { from_value: 0, to_value: 100, rate: '1', flat_amount: '0' },
            { from_value: 101, to_value: null, rate: '0.5', flat_amount: '0' },
          ],
        ],
      }),
    ...groupKeys.shape,
  })
  .meta({
    id: PROPERTIES_COMPONENTS.graduated_percentage,
    description: 'For `charge_model` `graduated_percentage`: a rate of the units, by the range that they fall into.',
  });

const dynamicProperties = z.object({ ...groupKeys.shape }).meta({
  id: PROPERTIES_COMPONENTS.dynamic,
  description: 'For `charge_model` `dynamic`: events bring their amounts, `precise_total_amount_cents`.',
});

/** Components of the document. */
export const chargePropertiesSchemas = {
  [PROPERTIES_COMPONENTS.standard]: standardProperties,
  [PROPERTIES_COMPONENTS.graduated]: graduatedProperties,
  [PROPERTIES_COMPONENTS.package]: packageProperties,
  [PROPERTIES_COMPONENTS.percentage]: percentageProperties,
  [PROPERTIES_COMPONENTS.volume]: volumeProperties,
  [PROPERTIES_COMPONENTS.graduated_percentage]: graduatedPercentageProperties,
  [PROPERTIES_COMPONENTS.dynamic]: dynamicProperties,
};
