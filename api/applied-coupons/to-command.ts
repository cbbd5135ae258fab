import type { ApplyCoupon } from '../../activities/coupons/apply-coupon.ts';
import { centsOf, currencyOf } from '../coupons/to-command.ts';
import type { ApplyCouponInput } from './schema.ts';

export const toApplyCoupon = (input: ApplyCouponInput): ApplyCoupon => ({
  externalCustomerId: input.external_customer_id,
  couponCode: input.coupon_code,
  overrides: {
    amountCents: centsOf(input.amount_cents) ?? null,
    amountCurrency: currencyOf(input.amount_currency) ?? null,
    percentageRate: input.percentage_rate ?? null,
    frequency: input.frequency ?? null,
    frequencyDuration: input.frequency_duration ?? null,
  },
});
