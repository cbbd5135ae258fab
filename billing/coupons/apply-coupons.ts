import type { InvoiceStep } from '../invoices/invoice-steps.ts';
import { invoiceTotals } from '../invoices/totals.ts';
import type { Currency } from '../money/currency.ts';
import { Decimal } from '../money/decimal.ts';
import { inOrder, type AppliedCouponFacts, type InvoiceCouponFacts } from './applied-coupon.ts';
import { baseOf, couponCredit, withShare, type CouponedFee } from './coupon-credit.ts';
import { isFor, type CouponedSource } from './coupon-target.ts';
import { useCoupon, type CouponUse } from './coupon-use.ts';

/** What coupons have made of an invoice. */
export interface Couponed<Fee> {
  readonly fees: readonly Fee[];
  readonly couponsAmountCents: bigint;
  /** In the order in which they were taken. */
  readonly uses: readonly CouponUse[];
}

/**
 * The step of an invoice's coupons, before its taxes and only of one that becomes final (spec, money 0, 2.4 to 2.6).
 */
export const applyCoupons: InvoiceStep = {
  takes: ({ takesCoupons }) => takesCoupons,
  onDrafts: false,
  step: (invoice, { coupons, currency }) => {
    const { subTotalExcludingTaxesAmountCents } = invoiceTotals(invoice.fees, invoice.credits);
    const { fees, couponsAmountCents, uses } = couponed(
      { fees: invoice.fees, currency, leftCents: subTotalExcludingTaxesAmountCents },
      coupons,
    );
    return { ...invoice, fees, credits: { ...invoice.credits, couponsAmountCents }, couponUses: uses };
  },
};

/** An invoice as coupons find it. */
export interface CouponedInvoice<Fee> {
  readonly fees: readonly Fee[];
  readonly currency: Currency;
  /** Its sub total without taxes. */
  readonly leftCents: bigint;
}

/**
 * Takes a customer's coupons off an invoice, one after the other, as long as there is something left (spec, money 2.4).
 * A fixed amount in another currency, or one that is for nothing on the invoice, is left as it is.
 *
 * One fee of 100: 15 % and then 20 % take 15 and 17; 10 cents and then 20 % take 10 and 18.
 */
export function couponed<Fee extends CouponedFee & { readonly source: CouponedSource }>(
  { fees: before, currency, leftCents }: CouponedInvoice<Fee>,
  facts: InvoiceCouponFacts,
): Couponed<Fee> {
  let fees = before;
  let left = leftCents;
  const uses: CouponUse[] = [];
  for (const coupon of inOrder(facts.applied)) {
    if (left <= 0n) break;
    const isHit = ({ source }: Fee): boolean => isFor(coupon.target, source, facts);
    const hit = fees.filter(isHit);
    if (hit.length === 0 || !isIn(currency, coupon)) continue;
    const base = coupon.target.kind === 'everything' ? new Decimal(left) : baseOf(hit);
    const credit = couponCredit(coupon, base, left);
    fees = fees.map((fee) => (isHit(fee) ? withShare(fee, credit, base) : fee));
    left -= credit;
    uses.push(useCoupon(coupon, credit));
  }
  return { fees, couponsAmountCents: leftCents > left ? leftCents - left : 0n, uses };
}

/** A percentage is of whatever there is (spec, money 2.4). */
const isIn = (currency: Currency, { couponType, amountCurrency }: AppliedCouponFacts): boolean =>
  couponType === 'percentage' || amountCurrency === currency;
