import { z } from 'zod';
import { COUPON_EXPIRATIONS, COUPON_FREQUENCIES, COUPON_TYPES } from '../../billing/coupons/coupon.ts';
import { centsToNumber } from '../../billing/money/cents.ts';
import { plainDecimal } from '../../billing/money/decimal.ts';
import type { Coupon } from '../../db/entities/coupons/coupon.ts';
import type { ShownLimits } from '../../db/queries/coupons/shown-limits.ts';
import { datetime } from '../formats.ts';

const moment = z.string().meta({ format: 'date-time' });

export const couponSchema = z
  .strictObject({
    lago_id: z.uuid(),
    name: z.string(),
    code: z.string(),
    description: z.string().nullable(),
    coupon_type: z.enum(COUPON_TYPES),
    amount_cents: z.int().nullable(),
    amount_currency: z.string().nullable(),
    percentage_rate: z.string().nullable(),
    frequency: z.enum(COUPON_FREQUENCIES),
    frequency_duration: z.int().nullable(),
    reusable: z.boolean(),
    limited_plans: z.boolean(),
    plan_codes: z.array(z.string()),
    limited_billable_metrics: z.boolean(),
    billable_metric_codes: z.array(z.string()),
    expiration: z.enum(COUPON_EXPIRATIONS),
    expiration_at: moment.nullable(),
    created_at: moment,
    terminated_at: moment.nullable(),
  })
  .meta({ id: 'Coupon' });

/** Spec, money 2.1. */
export const couponJson = (coupon: Coupon, { planCodes, metricCodes }: ShownLimits) => ({
  lago_id: coupon.id,
  name: coupon.name,
  code: coupon.code,
  description: coupon.description ?? null,
  coupon_type: coupon.couponType,
  ...valueJson(coupon),
  reusable: coupon.reusable,
  limited_plans: planCodes.length > 0,
  plan_codes: [...planCodes],
  limited_billable_metrics: metricCodes.length > 0,
  billable_metric_codes: [...metricCodes],
  expiration: coupon.expiration,
  expiration_at: datetime(coupon.expirationAt),
  created_at: datetime(coupon.createdAt),
  terminated_at: datetime(coupon.terminatedAt),
});

/** How much and how often, of a coupon or of what a customer has of it. */
export const valueJson = (
  value: Pick<Coupon, 'amountCents' | 'amountCurrency' | 'percentageRate' | 'frequency' | 'frequencyDuration'>,
) => ({
  amount_cents: value.amountCents == null ? null : centsToNumber(value.amountCents),
  amount_currency: value.amountCurrency ?? null,
  percentage_rate: value.percentageRate == null ? null : plainDecimal(value.percentageRate),
  frequency: value.frequency,
  frequency_duration: value.frequencyDuration ?? null,
});
