import { z } from 'zod';
import { customerUsageSchema } from '../../shapes/usage/current-usage.ts';
import { pastUsageSchema } from '../../shapes/usage/past-usage.ts';
import { projectedUsageSchema } from '../../shapes/usage/projected-usage.ts';
import { flagFilter, knownFilter, textFilter } from '../http/filters.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';

const older = (name: string) => textFilter().meta({ deprecated: true, description: `Older name of \`${name}\`.` });
const oneOrMany = z
  .union([z.string(), z.array(z.string()), z.record(z.string(), z.string())])
  .optional()
  .meta({
    override: { type: 'object', additionalProperties: { type: 'string' } },
    param: { style: 'deepObject', explode: true },
  });

export const currentUsageQuery = z.object({
  external_subscription_id: textFilter().meta({ description: 'An active subscription of the customer.' }),
  apply_taxes: flagFilter().meta({ description: '`false`: amounts without taxes.' }),
  charge_id: textFilter().meta({ description: 'Only this charge.' }),
  charge_code: textFilter().meta({ description: 'Only the charge with this code.' }),
  billable_metric_code: textFilter().meta({ description: 'Only charges of this billable metric.' }),
  filter_by_charge_id: older('charge_id'),
  filter_by_charge_code: older('charge_code'),
  filter_by_metric_code: older('billable_metric_code'),
  group: oneOrMany.meta({
    ...oneOrMany.meta(),
    description: 'Only usage of events with these properties: `group[user]=7`, or `{"user":["7","8"]}` as JSON.',
  }),
  filter_by_group: oneOrMany.meta({
    ...oneOrMany.meta(),
    deprecated: true,
    description: 'Older name of `group`.',
  }),
  filter_by_presentation: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .meta({
      override: { type: 'string', examples: ['["region"]'] },
      description: 'Of the keys by which units are shown apart, these alone: `["region"]` as JSON; `[]` none.',
    }),
  skip_grouping: flagFilter().meta({ description: '`true`: the groups of a charge are priced together.' }),
  full_usage: flagFilter().meta({ description: '`true`: from the start of the subscription.' }),
});
export type CurrentUsageQuery = z.output<typeof currentUsageQuery>;

export const customerUsageAnswer = z.strictObject({ customer_usage: customerUsageSchema });

/** A projection is of everything that the plan charges. */
export const projectedUsageQuery = currentUsageQuery.pick({ external_subscription_id: true, apply_taxes: true });

export const projectedUsageAnswer = z.strictObject({ customer_projected_usage: projectedUsageSchema });

const isCount = (text: string): boolean => /^[1-9]\d{0,8}$/.test(text);

export const pastUsageQuery = z.object({
  external_subscription_id: textFilter().meta({ description: 'A subscription of the customer.' }),
  billable_metric_code: textFilter().meta({ description: 'Only charges of this billable metric.' }),
  periods_count: knownFilter(isCount)
    .transform((text) => (text === undefined ? undefined : Number(text)))
    .meta({ override: { type: 'integer', minimum: 1 }, description: 'So many of the newest periods only.' }),
  ...pageQuery,
});
export type PastUsageQuery = z.output<typeof pastUsageQuery>;

export const pastUsageAnswer = z.strictObject({ usage_periods: z.array(pastUsageSchema), meta: metaSchema });
