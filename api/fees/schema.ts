import { z } from 'zod';
import { FEE_PAYMENT_STATUSES } from '../../billing/fees/fee-payment.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { instantFilter, knownFilter, oneOfFilter, textFilter } from '../http/filters.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { optionalText } from '../http/validation.ts';
import { pricingUnitDetailsSchema } from '../../shapes/invoices/pricing-unit-details.ts';
import { presentationBreakdownsSchema } from '../../shapes/usage/presentation-breakdowns.ts';
import { feeAppliedTaxSchema } from '../../shapes/taxes/applied-tax.ts';

const text = z.string().nullable();
const id = z.uuid().nullable();
const datetime = z.string().nullable().meta({ format: 'date-time' });
const decimal = z.string().meta({ examples: ['12.0'] });

const itemSchema = z
  .strictObject({
    type: z.enum(['charge', 'add_on', 'subscription', 'credit', 'commitment', 'fixed_charge']),
    code: z.string(),
    name: z.string(),
    description: text,
    invoice_display_name: z.string(),
    filters: z.record(z.string(), z.array(z.string())).nullable(),
    filter_invoice_display_name: text,
    lago_item_id: z.uuid(),
    item_type: z.enum(['BillableMetric', 'AddOn', 'WalletTransaction', 'Subscription']),
    grouped_by: z.record(z.string(), text),
  })
  .meta({ id: 'FeeItem' });

/** One line of an invoice (spec, api 3.5). */
export const feeSchema = z
  .strictObject({
    lago_id: z.uuid(),
    lago_charge_id: id,
    lago_charge_filter_id: id,
    lago_fixed_charge_id: id,
    lago_invoice_id: id,
    lago_true_up_fee_id: id,
    lago_true_up_parent_fee_id: id,
    lago_original_fee_id: id,
    lago_subscription_id: id,
    external_subscription_id: text,
    lago_customer_id: z.uuid(),
    external_customer_id: z.string(),
    item: itemSchema,
    pay_in_advance: z.boolean(),
    invoiceable: z.boolean(),
    amount_cents: z.int(),
    amount_currency: z.string(),
    precise_amount: decimal,
    precise_total_amount: decimal,
    taxes_amount_cents: z.int(),
    taxes_precise_amount: decimal,
    taxes_rate: z.number(),
    total_aggregated_units: decimal.nullable(),
    total_amount_cents: z.int(),
    total_amount_currency: z.string(),
    units: decimal,
    description: text,
    precise_unit_amount: decimal,
    precise_coupons_amount_cents: decimal,
    sub_total_excluding_taxes_amount_cents: z.int(),
    sub_total_excluding_taxes_precise_amount_cents: decimal,
    events_count: z.int().nullable(),
    payment_status: z.enum(['pending', 'succeeded', 'failed', 'refunded']),
    created_at: z.string().meta({ format: 'date-time' }),
    succeeded_at: datetime,
    failed_at: datetime,
    refunded_at: datetime,
    amount_details: z.record(z.string(), z.unknown()),
    self_billed: z.boolean(),
    pricing_unit_details: pricingUnitDetailsSchema.nullable(),
    presentation_breakdowns: presentationBreakdownsSchema,
    applied_taxes: z.array(feeAppliedTaxSchema),
    from_date: datetime.optional(),
    to_date: datetime.optional(),
    event_transaction_id: text.optional(),
  })
  .meta({ id: 'Fee' });

export const feeAnswer = z.object({ fee: feeSchema });

export const feeListAnswer = z.object({ fees: z.array(feeSchema), meta: metaSchema });

const bound = { description: 'ISO 8601, inclusive.', examples: ['2026-06-01T00:00:00Z'] };

/** Filters of lists of fees (spec, api 2.5). */
export const feeListQuery = z.object({
  ...pageQuery,
  fee_type: oneOfFilter(['charge', 'add_on', 'subscription']),
  payment_status: oneOfFilter(FEE_PAYMENT_STATUSES),
  external_subscription_id: textFilter(),
  external_customer_id: textFilter(),
  billable_metric_code: textFilter(),
  currency: knownFilter(isCurrency),
  event_transaction_id: textFilter(),
  created_at_from: instantFilter().meta(bound),
  created_at_to: instantFilter().meta(bound),
  succeeded_at_from: instantFilter().meta(bound),
  succeeded_at_to: instantFilter().meta(bound),
  failed_at_from: instantFilter().meta(bound),
  failed_at_to: instantFilter().meta(bound),
  refunded_at_from: instantFilter().meta(bound),
  refunded_at_to: instantFilter().meta(bound),
});
export type FeeListQuery = z.output<typeof feeListQuery>;

/** What has become of a fee's payment. */
export const feeUpdateInput = z
  .object({
    payment_status: optionalText().meta({
      override: { type: ['string', 'null'], enum: [...FEE_PAYMENT_STATUSES, null] },
    }),
  })
  .meta({ id: 'FeeUpdateInput' });
