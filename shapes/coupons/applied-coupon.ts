import { z } from 'zod';
import { APPLIED_COUPON_STATUSES, remainingAmount } from '../../billing/coupons/applied-coupon.ts';
import { COUPON_FREQUENCIES } from '../../billing/coupons/coupon.ts';
import { centsToNumber } from '../../billing/money/cents.ts';
import type { AppliedCoupon } from '../../db/entities/coupons/applied-coupon.ts';
import type { Coupon } from '../../db/entities/coupons/coupon.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { SHOWN_CREDITS_MAX } from '../../db/queries/coupons/shown-credits.ts';
import { datetime } from '../formats.ts';
import { creditSchema } from '../invoices/credit.ts';
import { valueJson } from './coupon.ts';

const moment = z.string().meta({ format: 'date-time' });
const status = z.enum(APPLIED_COUPON_STATUSES);

export const appliedCouponSchema = z
  .strictObject({
    lago_id: z.uuid(),
    lago_coupon_id: z.uuid(),
    coupon_code: z.string(),
    coupon_name: z.string(),
    coupon_status: status,
    coupon_deleted_at: moment.nullable(),
    lago_customer_id: z.uuid(),
    external_customer_id: z.string(),
    status,
    amount_cents: z.int().nullable(),
    amount_cents_remaining: z.int().nullable().meta({ description: 'Of a fixed amount that is taken once.' }),
    amount_currency: z.string().nullable(),
    percentage_rate: z.string().nullable(),
    frequency: z.enum(COUPON_FREQUENCIES),
    frequency_duration: z.int().nullable(),
    frequency_duration_remaining: z.int().nullable(),
    expiration_at: moment.nullable(),
    created_at: moment,
    terminated_at: moment.nullable(),
  })
  .meta({ id: 'AppliedCoupon' });

/** With what it took off invoices last. */
export const listedAppliedCouponSchema = z
  .strictObject({
    ...appliedCouponSchema.shape,
    credits: z.array(creditSchema).meta({ description: `The newest, ${SHOWN_CREDITS_MAX} at most.` }),
  })
  .meta({ id: 'ListedAppliedCoupon' });

/** What the JSON of a customer's coupon is made of besides its own fields. */
export interface AppliedCouponRelations {
  /** Deleted or not. */
  readonly coupon: Coupon;
  readonly customer: Pick<Customer, 'externalId'>;
  /** What its active credits took, where it is taken once (spec, money 2.2). */
  readonly usedAmountCents: bigint;
}

/** Spec, money 2.2. */
export const appliedCouponJson = (
  applied: AppliedCoupon,
  { coupon, customer, usedAmountCents }: AppliedCouponRelations,
) => {
  const { couponType } = coupon;
  const amountCents = applied.amountCents ?? null;
  const remaining = remainingAmount({ couponType, frequency: applied.frequency, amountCents, usedAmountCents });
  return {
    lago_id: applied.id,
    lago_coupon_id: applied.couponId,
    coupon_code: coupon.code,
    coupon_name: coupon.name,
    coupon_status: coupon.terminatedAt == null ? ('active' as const) : ('terminated' as const),
    coupon_deleted_at: datetime(coupon.deletedAt),
    lago_customer_id: applied.customerId,
    external_customer_id: customer.externalId,
    status: applied.status,
    ...valueJson(applied),
    amount_cents_remaining: remaining === null ? null : centsToNumber(remaining),
    frequency_duration_remaining: applied.frequencyDurationRemaining ?? null,
    expiration_at: datetime(coupon.expirationAt),
    created_at: datetime(applied.createdAt),
    terminated_at: datetime(applied.terminatedAt),
  };
};
