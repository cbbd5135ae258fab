import { z } from 'zod';
import { feeAppliedTaxSchema } from '../../shapes/taxes/applied-tax.ts';
import { feeSchema } from '../fees/schema.ts';
import { optionalText } from '../http/validation.ts';
import { MAX_BATCH_EVENTS } from './schema.ts';

/** An event that is not stored; what is wrong with it is told in the order of the rules (spec, usage 2.8, 2.9). */
export const estimateInput = z
  .object({
    code: optionalText().meta({ description: "The billable metric's code.", examples: ['storage'] }),
    external_subscription_id: optionalText().meta({ examples: ['sub_1234567890'] }),
    transaction_id: optionalText(),
    timestamp: z
      .unknown()
      .optional()
      .meta({ override: { type: ['number', 'string', 'null'] }, description: 'Checked, and not used.' }),
    precise_total_amount_cents: z
      .unknown()
      .optional()
      .meta({ override: { type: ['number', 'string', 'null'] }, examples: ['123.45'] }),
    properties: z
      .record(z.string(), z.unknown())
      .nullish()
      .meta({ examples: [{ gb: 10 }] }),
  })
  .meta({ id: 'EventEstimateInput' });
export type EstimateInput = z.output<typeof estimateInput>;

export const batchEstimateInput = z.object({ events: z.array(estimateInput).min(1).max(MAX_BATCH_EVENTS) });

const estimatedFeeSchema = feeSchema
  .extend({
    lago_id: z.null(),
    amount_details: z.null(),
    applied_taxes: z.array(feeAppliedTaxSchema.extend({ lago_id: z.null(), lago_fee_id: z.null() })),
  })
  .meta({ id: 'EstimatedFee' });

export const estimatesAnswer = z.object({ fees: z.array(estimatedFeeSchema) });

const decimal = z.string().meta({ examples: ['40.0'] });

const instantEstimateSchema = estimatedFeeSchema
  .extend({ amount_cents: decimal, total_amount_cents: decimal })
  .meta({ id: 'InstantEstimate' });

export const instantEstimatesAnswer = z.object({ fees: z.array(instantEstimateSchema) });
