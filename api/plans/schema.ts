import { z } from 'zod';
import { INTERVALS } from '../../billing/calendar/interval.ts';
import { planSchema } from '../../shapes/plans/plan.ts';
import { currency } from '../organizations/party-fields.ts';
import { flatMetadata } from '../http/flat-metadata.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { unavailable } from '../document/unavailable.ts';
import { TEXT_LENGTH, oneOf, optionalText, requiredText } from '../http/validation.ts';
import { taxCodes } from '../taxes/schema.ts';
import { chargeInput } from './charge-schema.ts';

const CHARGES_MAX = 500;

/** Days of a trial at most: ten years. */
const TRIAL_DAYS_MAX = 3_650;

const interval = oneOf(INTERVALS);
const amount = z
  .int()
  .min(0)
  .meta({ description: "In the currency's smallest unit.", examples: [10_000] });

const attributes = {
  invoice_display_name: optionalText(),
  description: optionalText(TEXT_LENGTH),
  trial_period: z.number().min(0).max(TRIAL_DAYS_MAX).nullish(),
  bill_charges_monthly: z.boolean().nullish(),
  bill_fixed_charges_monthly: z.boolean().nullish(),
  tax_codes: taxCodes,
  charges: z.array(chargeInput).max(CHARGES_MAX).nullish(),
  metadata: flatMetadata.nullish(),
  minimum_commitment: unavailable(z.unknown().optional(), 'The least that a period costs.'),
  usage_thresholds: unavailable(z.unknown().optional(), 'Amounts of usage that are billed at once.'),
  fixed_charges: unavailable(z.unknown().optional(), 'Units that are billed without events.'),
};

export const planCreateSchema = z
  .object({
    name: requiredText().meta({ examples: ['Startup'] }),
    code: requiredText().meta({ examples: ['startup'] }),
    interval,
    amount_cents: amount,
    amount_currency: currency,
    pay_in_advance: z.boolean().nullish(),
    ...attributes,
  })
  .meta({ id: 'PlanCreateInput' });

export const planUpdateSchema = z
  .object({
    name: requiredText().optional(),
    code: requiredText().optional(),
    interval: interval.optional(),
    amount_cents: amount.optional(),
    amount_currency: currency.optional(),
    pay_in_advance: z.boolean().nullish(),
    cascade_updates: z.boolean().nullish(),
    ...attributes,
  })
  .meta({ id: 'PlanUpdateInput' });

export type PlanCreateInput = z.infer<typeof planCreateSchema>;
export type PlanUpdateInput = z.infer<typeof planUpdateSchema>;

export const planAnswer = z.strictObject({ plan: planSchema });
export const planListAnswer = z.strictObject({ plans: z.array(planSchema), meta: metaSchema });
export const planListQuery = z.object(pageQuery);
