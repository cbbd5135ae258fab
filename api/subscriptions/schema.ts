import { z } from 'zod';
import { isCurrency } from '../../billing/money/currency.ts';
import { TERMINATION_CREDIT_NOTES, TERMINATION_INVOICES } from '../../billing/subscriptions/termination-options.ts';
import { flagFilter, knownFilter, listFilter, someOfFilter, textFilter } from '../http/filters.ts';
import { instant } from '../http/instants.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { planSchema } from '../../shapes/plans/plan.ts';
import { unavailable, unavailableByItself } from '../document/unavailable.ts';
import { NAME_LENGTH, oneOf, requiredText } from '../http/validation.ts';

const PAYMENT_METHOD_TYPES = ['provider', 'manual'] as const;

/**
 * What the document says of a text that is checked when the plan is known
 * (`billing/subscriptions/termination-options.ts`).
 */
const documentedAs = (values: readonly string[]) => ({ override: { type: 'string' as const, enum: [...values] } });

const optionalInstant = { override: { type: ['string' as const, 'null' as const], format: 'date-time' } };

const anyObject = z.record(z.string(), z.unknown()).nullish();
const anyList = z.array(z.record(z.string(), z.unknown())).nullish();

const laterParts = {
  plan_overrides: unavailable(anyObject, 'Terms of the plan for this subscription alone.'),
  usage_thresholds: unavailable(anyList, 'Amounts of usage that are billed at once.'),
  activation_rules: unavailable(anyList, 'What must happen before it begins.'),
  invoice_custom_section: unavailable(anyObject, 'Texts of your own on its invoices.'),
};

export const paymentMethod = z
  .object({
    payment_method_type: oneOf(PAYMENT_METHOD_TYPES).nullish(),
    payment_method_id: unavailableByItself(
      z.string().max(NAME_LENGTH).nullish(),
      'There are none: any is 422 `payment_method: invalid_payment_method`.',
    ),
  })
  .nullish();

export const subscriptionInput = z
  .object({
    external_customer_id: requiredText(),
    external_id: requiredText().transform((text) => text.trim()),
    plan_code: requiredText(),
    name: z
      .string()
      .max(NAME_LENGTH)
      .nullish()
      .transform((text) => text?.trim() ?? ''),
    billing_time: oneOf(['calendar', 'anniversary']).nullish(),
    subscription_at: instant().nullish().meta(optionalInstant),
    consolidate_invoice: z.boolean().nullish(),
    progressive_billing_disabled: z.boolean().nullish(),
    purchase_order_number: z
      .string()
      .max(NAME_LENGTH)
      .nullish()
      .transform((text) => (text?.trim() ? text.trim() : null)),
    billing_entity_id: z.string().max(NAME_LENGTH).nullish(),
    billing_entity_code: z.string().max(NAME_LENGTH).nullish(),
    payment_method: paymentMethod,
    ending_at: instant().nullish().meta(optionalInstant),
    ...laterParts,
    authorization: unavailable(anyObject, 'A payment before it begins.'),
  })
  .meta({ id: 'SubscriptionInput' });

export type SubscriptionInput = z.infer<typeof subscriptionInput>;

/** What of a subscription can be changed (spec, subscriptions-and-invoices 2.7); absent: it stays. */
export const subscriptionUpdateInput = z
  .object({
    status: z.string().max(NAME_LENGTH).nullish(),
    name: z
      .string()
      .max(NAME_LENGTH)
      .nullish()
      .transform((text) => text?.trim()),
    subscription_at: instant().nullish().meta(optionalInstant),
    ending_at: instant().nullish().meta(optionalInstant),
    consolidate_invoice: z.boolean().nullish(),
    progressive_billing_disabled: z.boolean().nullish(),
    purchase_order_number: z
      .string()
      .max(NAME_LENGTH)
      .nullish()
      .transform((text) => (text?.trim() === '' ? null : (text?.trim() ?? text))),
    billing_entity_id: z.string().max(NAME_LENGTH).nullish(),
    billing_entity_code: z.string().max(NAME_LENGTH).nullish(),
    payment_method: paymentMethod,
    on_termination_credit_note: z.string().max(NAME_LENGTH).nullish().meta(documentedAs(TERMINATION_CREDIT_NOTES)),
    on_termination_invoice: z.string().max(NAME_LENGTH).nullish().meta(documentedAs(TERMINATION_INVOICES)),
    ...laterParts,
  })
  .meta({ id: 'SubscriptionUpdateInput' });

export type SubscriptionUpdateInput = z.infer<typeof subscriptionUpdateInput>;

const termination = {
  status: z.string().optional().meta({ description: '`pending` cancels one that has not begun.' }),
  on_termination_credit_note: z.string().max(NAME_LENGTH).optional().meta(documentedAs(TERMINATION_CREDIT_NOTES)),
  on_termination_invoice: z.string().max(NAME_LENGTH).optional().meta(documentedAs(TERMINATION_INVOICES)),
};

export const terminationQuery = z.object(termination);

export type TerminationInput = z.infer<typeof terminationQuery>;

/** The same in the body, where clients prefer that. */
export const terminationInput = z.object(termination).optional();

const statuses = ['pending', 'active', 'terminated', 'canceled', 'incomplete'] as const;

const datetime = z.string().meta({ format: 'date-time' });

export const subscriptionSchema = z
  .object({
    lago_id: z.uuid(),
    external_id: z.string(),
    lago_customer_id: z.uuid(),
    external_customer_id: z.string(),
    billing_entity_code: z.string(),
    name: z.string().nullable(),
    plan_code: z.string(),
    plan_amount_cents: z.int(),
    plan_amount_currency: z.string(),
    status: z.enum(statuses),
    billing_time: z.enum(['calendar', 'anniversary']),
    subscription_at: z.string().meta({ format: 'date-time' }),
    started_at: z.string().nullable().meta({ format: 'date-time', description: 'With milliseconds.' }),
    trial_ended_at: datetime.nullable(),
    ending_at: datetime.nullable(),
    terminated_at: datetime.nullable(),
    canceled_at: datetime.nullable(),
    activated_at: datetime.nullable(),
    created_at: datetime,
    previous_plan_code: z.string().nullable(),
    next_plan_code: z.string().nullable(),
    downgrade_plan_date: z.string().nullable().meta({ format: 'date' }),
    current_billing_period_started_at: datetime.nullable(),
    current_billing_period_ending_at: datetime.nullable(),
    on_termination_credit_note: z
      .string()
      .nullable()
      .meta({ override: { type: ['string', 'null'], enum: [...TERMINATION_CREDIT_NOTES, null] } }),
    on_termination_invoice: z.string().meta(documentedAs(TERMINATION_INVOICES)),
    progressive_billing_disabled: z.boolean(),
    consolidate_invoice: z.boolean(),
    purchase_order_number: z.string().nullable(),
    cancellation_reason: z.string().nullable(),
    payment_method: z.object({
      payment_method_id: z.string().nullable(),
      payment_method_type: z.string().meta(documentedAs(PAYMENT_METHOD_TYPES)),
    }),
    activation_rules: z.array(z.unknown()),
    applied_invoice_custom_sections: z.array(z.unknown()),
    entitlements: z.array(z.unknown()).optional(),
    applicable_usage_thresholds: z.array(z.unknown()).optional(),
    plan: planSchema.optional(),
  })
  .meta({ id: 'Subscription' });

export const subscriptionAnswer = z.object({ subscription: subscriptionSchema });
export const subscriptionsAnswer = z.object({ subscriptions: z.array(subscriptionSchema), meta: metaSchema });

export const subscriptionQuery = z.object({
  status: z.string().optional().meta({ description: '`active` unless given.' }),
});

export const subscriptionsQuery = z.object({
  ...pageQuery,
  external_customer_id: textFilter(),
  external_id: textFilter(),
  plan_code: textFilter(),
  status: someOfFilter(statuses).meta({ description: '`active` unless given.' }),
  overridden: flagFilter(),
  overriden: flagFilter().meta({ deprecated: true }),
  currency: knownFilter(isCurrency),
  billing_entity_codes: listFilter(),
});

export type SubscriptionsQuery = z.infer<typeof subscriptionsQuery>;
