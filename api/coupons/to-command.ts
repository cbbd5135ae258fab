import type { CreateCoupon } from '../../activities/coupons/create-coupon.ts';
import type { UpdateCoupon } from '../../activities/coupons/update-coupon.ts';
import { isBlank, textOrNull } from '../../billing/blank-text.ts';
import type { CouponTerms } from '../../billing/coupons/coupon.ts';
import { numberToCents } from '../../billing/money/cents.ts';
import { isCurrency, type Currency } from '../../billing/money/currency.ts';
import { given } from '../http/given-attributes.ts';
import { givenTextOrNull } from '../http/validation.ts';
import type { CouponCreateInput, CouponUpdateInput } from './schema.ts';

export const toCreateCoupon = (input: CouponCreateInput): CreateCoupon => ({
  name: input.name,
  code: input.code,
  description: textOrNull(input.description ?? null),
  terms: toTerms(input),
  limits: {
    planCodes: input.applies_to?.plan_codes ?? [],
    metricCodes: input.applies_to?.billable_metric_codes ?? [],
  },
});

export const toUpdateCoupon = (input: CouponUpdateInput): UpdateCoupon => ({
  ...given({ name: input.name, code: input.code, description: givenTextOrNull(input.description) }),
  terms: toTerms(input),
  limits: {
    planCodes: input.applies_to?.plan_codes ?? null,
    metricCodes: input.applies_to?.billable_metric_codes ?? null,
  },
});

/** Kinds cannot be taken away: null is as good as nothing. */
const toTerms = (input: CouponUpdateInput): Partial<CouponTerms> =>
  given({
    couponType: input.coupon_type ?? undefined,
    amountCents: centsOf(input.amount_cents),
    amountCurrency: currencyOf(input.amount_currency),
    percentageRate: input.percentage_rate,
    frequency: input.frequency ?? undefined,
    frequencyDuration: input.frequency_duration,
    reusable: input.reusable ?? undefined,
    expiration: input.expiration ?? undefined,
    expirationAt: input.expiration_at,
  });

export const centsOf = (cents: number | null | undefined): bigint | null | undefined =>
  cents == null ? cents : numberToCents(cents);

/** A currency that the schema has checked; a blank one is none. */
export const currencyOf = (code: string | null | undefined): Currency | null | undefined => {
  if (code == null) return code;
  return !isBlank(code) && isCurrency(code) ? code : null;
};
