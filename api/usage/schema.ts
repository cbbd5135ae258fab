import { z } from 'zod';
import { flagFilter, textFilter } from '../http/filters.ts';
import { unavailable } from '../document/unavailable.ts';

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
  group: unavailable(oneOrMany, 'Only usage of this group.'),
  filter_by_group: unavailable(oneOrMany.meta({ ...oneOrMany.meta(), deprecated: true }), 'Older name of `group`.'),
  filter_by_presentation: oneOrMany.meta({
    ...oneOrMany.meta(),
    description: 'Keys of presentation breakdowns; there are none yet.',
  }),
  skip_grouping: flagFilter().meta({ description: '`true`: one amount a charge; nothing is grouped yet.' }),
  full_usage: flagFilter().meta({ description: '`true`: from the start of the subscription.' }),
});
export type CurrentUsageQuery = z.output<typeof currentUsageQuery>;

const numbers = {
  units: z.string().meta({ examples: ['4.0'] }),
  total_aggregated_units: z.string().meta({ examples: ['4.0'] }),
  events_count: z.int(),
  amount_cents: z.int(),
};

const chargeUsageSchema = z
  .strictObject({
    ...numbers,
    amount_currency: z.string(),
    pricing_unit_details: z.null(),
    charge: z.strictObject({
      lago_id: z.uuid(),
      code: z.string(),
      charge_model: z.string(),
      invoice_display_name: z.string().nullable(),
    }),
    billable_metric: z.strictObject({
      lago_id: z.uuid(),
      name: z.string(),
      code: z.string(),
      aggregation_type: z.string(),
    }),
    filters: z.array(z.unknown()),
    grouped_usage: z.array(z.unknown()),
    presentation_breakdowns: z.array(z.unknown()),
  })
  .meta({ id: 'ChargeUsage' });

export const customerUsageSchema = z
  .strictObject({
    from_datetime: z.string().meta({ format: 'date-time' }),
    to_datetime: z.string().meta({ format: 'date-time' }),
    issuing_date: z.string().meta({ format: 'date' }),
    currency: z.string(),
    amount_cents: z.int(),
    taxes_amount_cents: z.int(),
    total_amount_cents: z.int(),
    lago_invoice_id: z.null(),
    charges_usage: z.array(chargeUsageSchema),
  })
  .meta({ id: 'CustomerUsage' });
export type CustomerUsageJson = z.infer<typeof customerUsageSchema>;

export const customerUsageAnswer = z.strictObject({ customer_usage: customerUsageSchema });
