import { z } from 'zod';
import { PROPERTIES_COMPONENTS } from '../../shapes/plans/charge.ts';
import { unavailable } from '../document/unavailable.ts';
import { NAME_LENGTH } from '../http/validation.ts';

// What the OpenAPI document says of a charge's properties. They are checked by `billing/charges/properties.ts`, which
// has the spec's codes for them (usage 3.4).

const name = z.string().max(NAME_LENGTH);

/** Keys of events by which usage is grouped. */
export const groupKeys = z.object({
  pricing_group_keys: unavailable(z.array(name).optional(), 'Keys of events by which usage is priced apart.'),
  grouped_by: unavailable(z.array(name).optional().meta({ deprecated: true }), 'Older name of `pricing_group_keys`.'),
  presentation_group_keys: unavailable(
    z.array(z.object({ value: name, options: z.object({ display_in_invoice: z.boolean() }).optional() })).optional(),
    'Keys of events by which usage is shown apart.',
  ),
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

const graduatedRange = z.object({
  from_value: z.int().meta({ description: 'The first range begins at 0, each other one above the end of the last.' }),
  to_value: z.int().nullable().meta({ description: 'Null in the last range alone.' }),
  per_unit_amount: amount('Of one unit in this range.', '0.05'),
  flat_amount: amount('Once, if the range is reached.', '0'),
});

const graduatedProperties = z
  .object({
    graduated_ranges: z
      .array(graduatedRange)
      .min(1)
      .meta({
        examples: [
          [
            { from_value: 0, to_value: 100, per_unit_amount: '0.05', flat_amount: '0' },
            { from_value: 101, to_value: null, per_unit_amount: '0.04', flat_amount: '0' },
          ],
        ],
      }),
    ...groupKeys.shape,
  })
  .meta({
    id: PROPERTIES_COMPONENTS.graduated,
    description: 'For `charge_model` `graduated`: units cost what the range says that they fall into.',
  });

/** Components of the document. */
export const chargePropertiesSchemas = {
  [PROPERTIES_COMPONENTS.standard]: standardProperties,
  [PROPERTIES_COMPONENTS.graduated]: graduatedProperties,
};
