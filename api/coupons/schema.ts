import { z } from 'zod';
import { couponRate } from '../../billing/coupons/coupon-rate.ts';
import { COUPON_EXPIRATIONS, COUPON_FREQUENCIES, COUPON_TYPES } from '../../billing/coupons/coupon.ts';
import type { Decimal } from '../../billing/money/decimal.ts';
import { couponSchema } from '../../shapes/coupons/coupon.ts';
import { instant } from '../http/instants.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { NAME_LENGTH, oneOf, optionalText, requiredText, TEXT_LENGTH } from '../http/validation.ts';
import { optionalCurrency } from '../organizations/party-fields.ts';

/** PostgreSQL's integer. */
const INVOICES_MAX = 2_147_483_647;

const LIMITS_MAX = 100;

const rate = z
  .unknown()
  .optional()
  .transform((input, context): Decimal | null | undefined => {
    if (input === undefined) return undefined;
    const read = couponRate(input);
    if (typeof read !== 'string') return read;
    context.addIssue({ code: 'custom', message: read });
    return z.NEVER;
  })
  .meta({
    override: { type: ['string', 'number', 'null'], description: 'Percent, with a coupon of the type `percentage`.' },
    examples: ['10.0'],
  });

/** How much and how often: of a coupon, or of what a customer gets of it. */
export const couponValue = {
  amount_cents: z
    .int()
    .nullish()
    .meta({ description: "In the currency's smallest unit, with `fixed_amount`.", minimum: 1, examples: [1000] }),
  amount_currency: optionalCurrency,
  percentage_rate: rate,
  frequency: oneOf(COUPON_FREQUENCIES).nullish(),
  frequency_duration: z
    .int()
    .max(INVOICES_MAX)
    .nullish()
    .meta({ description: 'Invoices that a `recurring` coupon is for.', minimum: 1, examples: [3] }),
};

const codes = z.array(z.string().max(NAME_LENGTH)).max(LIMITS_MAX).nullish();

const attributes = {
  ...couponValue,
  description: optionalText(TEXT_LENGTH),
  coupon_type: oneOf(COUPON_TYPES).nullish().meta({ description: '`fixed_amount` unless given.' }),
  reusable: z.boolean().nullish().meta({ description: 'Whether a customer may have it again; true unless given.' }),
  expiration: oneOf(COUPON_EXPIRATIONS).nullish(),
  expiration_at: instant()
    .nullish()
    .meta({
      override: { type: ['string', 'null'], format: 'date-time' },
      description: 'Until when it can be applied, with `time_limit`.',
    }),
  applies_to: z
    .object({ plan_codes: codes, billable_metric_codes: codes })
    .nullish()
    .meta({ description: 'What it is limited to: plans or metrics, not both.' }),
};

export const couponCreateSchema = z
  .object({
    name: requiredText().meta({ examples: ['Startup deal'] }),
    code: requiredText().meta({ examples: ['startup_deal'] }),
    ...attributes,
  })
  .meta({ id: 'CouponCreateInput' });

export const couponUpdateSchema = z
  .object({ name: requiredText().optional(), code: requiredText().optional(), ...attributes })
  .meta({ id: 'CouponUpdateInput' });

export type CouponCreateInput = z.output<typeof couponCreateSchema>;
export type CouponUpdateInput = z.output<typeof couponUpdateSchema>;

export const couponAnswer = z.strictObject({ coupon: couponSchema });
export const couponListAnswer = z.strictObject({ coupons: z.array(couponSchema), meta: metaSchema });
export const couponListQuery = z.object(pageQuery);
