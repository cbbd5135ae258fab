import { v7 } from 'uuid';
import { estimateFees } from '../../activities/instant-charges/estimate-fees.ts';
import { estimateInstantFees, type EstimatedEvent } from '../../activities/instant-charges/estimate-instant-fees.ts';
import { Decimal } from '../../billing/money/decimal.ts';
import { invalid } from '../../billing/refusal.ts';
import { parseEventTime } from '../../billing/usage/event-time.ts';
import { ExactNumber } from '../../billing/usage/exact-number.ts';
import { estimatedFeeJson, instantEstimateJson } from '../../shapes/invoices/estimated-fee.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { EstimateInput } from './estimate-schema.ts';

const sourceOf = (value: unknown): unknown => (value instanceof ExactNumber ? value.source : value);

const PLAIN = /^-?\d+(\.\d+)?$/;

/** What is no number counts as 0 (spec, usage 2.2). */
function decimalOf(value: unknown): Decimal | null {
  const given = sourceOf(value);
  const source = typeof given === 'number' || typeof given === 'string' ? String(given) : '';
  return PLAIN.test(source) ? new Decimal(source) : null;
}

/** What the event would cost beside those there are. */
export async function estimate({ em, organization, now }: RequestContext, input: EstimateInput) {
  const { timestamp } = input;
  const estimates = await estimateFees(
    em,
    { organizationId: organization.id, now },
    {
      externalSubscriptionId: input.external_subscription_id ?? null,
      code: input.code ?? null,
      hasValidTimestamp: timestamp == null || typeof parseEventTime(sourceOf(timestamp)) === 'bigint',
      properties: input.properties ?? {},
      preciseTotalAmountCents: decimalOf(input.precise_total_amount_cents),
    },
  );
  return { fees: estimates.map(({ fee, context }) => estimatedFeeJson(fee, context)) };
}

/**
 * What events would cost by themselves.
 *
 * @param isBatch whether events that no charge is for are passed over.
 * @throws Refusal 422 `code: does_not_match_an_instant_charge`.
 */
export async function estimateInstantly(
  { em, organization, now }: RequestContext,
  inputs: readonly EstimateInput[],
  { isBatch }: { readonly isBatch: boolean },
) {
  const events = inputs.map((input): EstimatedEvent => ({
    externalSubscriptionId: input.external_subscription_id ?? null,
    code: input.code ?? null,
    transactionId: input.transaction_id ?? v7(),
    properties: input.properties ?? {},
  }));
  const estimates = await estimateInstantFees(em, { organizationId: organization.id, now }, events);
  if (!isBatch && estimates.length === 0) throw invalid({ code: ['does_not_match_an_instant_charge'] });
  return {
    fees: estimates.map(({ event: { transactionId }, ...facts }) =>
      instantEstimateJson({ ...facts, transactionId, currency: facts.plan.amountCurrency, now }),
    ),
  };
}
