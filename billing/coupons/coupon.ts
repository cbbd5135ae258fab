import type { Currency } from '../money/currency.ts';
import type { Decimal } from '../money/decimal.ts';

/** How much it takes off: an amount, or a part of what it is for. */
export const COUPON_TYPES = ['fixed_amount', 'percentage'] as const;

/** How often: until its amount is used up or (a percentage) once, on a number of invoices, or always. */
export const COUPON_FREQUENCIES = ['once', 'recurring', 'forever'] as const;

export const COUPON_EXPIRATIONS = ['no_expiration', 'time_limit'] as const;

export type CouponType = (typeof COUPON_TYPES)[number];
export type CouponFrequency = (typeof COUPON_FREQUENCIES)[number];
export type CouponExpiration = (typeof COUPON_EXPIRATIONS)[number];

/** What a coupon takes off, how often and until when it can be applied. */
export interface CouponTerms {
  readonly couponType: CouponType;
  /** In the currency's smallest unit; null for a percentage. */
  readonly amountCents: bigint | null;
  /** null for a percentage. */
  readonly amountCurrency: Currency | null;
  /** Percent; null for a fixed amount. */
  readonly percentageRate: Decimal | null;
  readonly frequency: CouponFrequency;
  /** Invoices; null unless it is recurring. */
  readonly frequencyDuration: number | null;
  /** Whether a customer may have it again. */
  readonly reusable: boolean;
  readonly expiration: CouponExpiration;
  /** null: never. */
  readonly expirationAt: Date | null;
}

/**
 * Whether a coupon can be applied no more: it was terminated, or its time is over whether or not anybody has noted it
 * (spec, money 2.1).
 */
export const isOver = (
  {
    terminatedAt,
    expirationAt,
  }: { readonly terminatedAt?: Date | null | undefined; readonly expirationAt?: Date | null | undefined },
  now: Date,
): boolean => terminatedAt != null || (expirationAt != null && expirationAt <= now);
