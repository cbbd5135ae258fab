import type { Currency } from '../money/currency.ts';
import type { Decimal } from '../money/decimal.ts';
import { invalid } from '../refusal.ts';
import type { CouponExpiration, CouponFrequency, CouponTerms, CouponType } from './coupon.ts';

/** What a coupon is unless a request says otherwise (spec, money 2.1). */
export const COUPON_DEFAULTS = {
  couponType: 'fixed_amount',
  amountCents: null,
  amountCurrency: null,
  percentageRate: null,
  frequency: 'once',
  frequencyDuration: null,
  reusable: true,
  expiration: 'no_expiration',
  expirationAt: null,
} as const satisfies CouponTerms;

type Problems = Record<string, readonly string[]>;

/**
 * The terms of a coupon, with what its kind needs and nothing else (spec, money 2.1).
 *
 * `fixed_amount` of 1000 EUR with a rate of 10: the rate is left out. `recurring` without a number of invoices:
 * `frequency_duration: value_is_mandatory`.
 *
 * @param asked as far as it is said.
 * @param now the organization's clock.
 * @param endBefore what it has: a coupon whose time is over can get another name.
 * @throws Refusal 422 with everything that is wrong.
 */
export function couponTerms(asked: CouponTerms, now: Date, endBefore: Date | null = null): CouponTerms {
  const terms = keptTerms(asked);
  const problems: Problems = {
    ...valueProblems(terms, { leastCents: 1n }),
    ...(terms.expiration === 'time_limit' && !isPossibleEnd(terms.expirationAt, now, endBefore)
      ? { expiration_at: ['invalid_date'] }
      : {}),
  };
  if (Object.keys(problems).length > 0) throw invalid(problems);
  return terms;
}

/** How much and how often. */
export type CouponValue = Pick<
  CouponTerms,
  'couponType' | 'amountCents' | 'amountCurrency' | 'percentageRate' | 'frequency' | 'frequencyDuration'
>;

/** What may be said of a coupon when it is applied; null: what the coupon says (spec, money 2.2). */
export interface CouponOverrides {
  readonly amountCents: bigint | null;
  readonly amountCurrency: Currency | null;
  readonly percentageRate: Decimal | null;
  readonly frequency: CouponFrequency | null;
  readonly frequencyDuration: number | null;
}

/**
 * What a coupon takes off of one customer, frozen when it is applied (spec, money 2.2). Its type cannot be overridden,
 * and an amount may be 0.
 *
 * A coupon of 1000 EUR once, applied with 500 `recurring` for 3: 500 EUR off three invoices.
 *
 * @throws Refusal 422 `frequency_duration: value_is_mandatory | value_is_out_of_range`, `amount_cents:
 * value_is_out_of_range`.
 */
export function appliedValue(coupon: CouponValue, overrides: CouponOverrides): CouponValue {
  const value = keptValue({
    couponType: coupon.couponType,
    amountCents: overrides.amountCents ?? coupon.amountCents,
    amountCurrency: overrides.amountCurrency ?? coupon.amountCurrency,
    percentageRate: overrides.percentageRate ?? coupon.percentageRate,
    frequency: overrides.frequency ?? coupon.frequency,
    frequencyDuration: overrides.frequencyDuration ?? coupon.frequencyDuration,
  });
  const problems = valueProblems(value, { leastCents: 0n });
  if (Object.keys(problems).length > 0) throw invalid(problems);
  return value;
}

const keptTerms = (asked: CouponTerms): CouponTerms => ({
  ...asked,
  ...keptValue(asked),
  expirationAt: keptIf(asked.expiration, 'time_limit' satisfies CouponExpiration, asked.expirationAt),
});

const keptValue = (asked: CouponValue): CouponValue => ({
  couponType: asked.couponType,
  amountCents: keptIf(asked.couponType, 'fixed_amount' satisfies CouponType, asked.amountCents),
  amountCurrency: keptIf(asked.couponType, 'fixed_amount', asked.amountCurrency),
  percentageRate: keptIf(asked.couponType, 'percentage', asked.percentageRate),
  frequency: asked.frequency,
  frequencyDuration: keptIf(asked.frequency, 'recurring' satisfies CouponFrequency, asked.frequencyDuration),
});

const keptIf = <Kind, Value>(kind: Kind, needed: Kind, value: Value): Value | null => (kind === needed ? value : null);

const isPossibleEnd = (moment: Date | null, now: Date, before: Date | null): boolean =>
  moment !== null && (moment > now || moment.getTime() === before?.getTime());

function valueProblems(value: CouponValue, { leastCents }: { readonly leastCents: bigint }): Problems {
  const problems: Problems = {};
  const need = (field: string, given: unknown, isInRange = true): void => {
    if (given === null) problems[field] = ['value_is_mandatory'];
    else if (!isInRange) problems[field] = ['value_is_out_of_range'];
  };
  if (value.couponType === 'fixed_amount') {
    need('amount_cents', value.amountCents, value.amountCents !== null && value.amountCents >= leastCents);
    need('amount_currency', value.amountCurrency);
  } else {
    need('percentage_rate', value.percentageRate);
  }
  if (value.frequency === 'recurring') {
    need(
      'frequency_duration',
      value.frequencyDuration,
      value.frequencyDuration !== null && value.frequencyDuration > 0,
    );
  }
  return problems;
}
