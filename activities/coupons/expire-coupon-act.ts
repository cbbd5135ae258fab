import type { WantedAct } from '../../db/acts/act.ts';
import { actOf, type WaitingActArgument, type ActKind } from '../acts/act-kind.ts';

/** The end of a coupon's time: after the billing of that moment, as the reference's hourly duty is. */
export const expireCouponKind = {
  name: 'expireCoupon',
  workflow: 'expireCoupon',
  queue: 'billing',
  reuse: 'ALLOW_DUPLICATE',
  conflict: 'USE_EXISTING',
  priority: 4,
  rank: 80,
  whenFailed: 'nothing',
} as const satisfies ActKind;

export const expireCouponId = (couponId: string): string => `expire-coupon/${couponId}`;

export interface ExpireCouponArgument extends WaitingActArgument {
  readonly couponId: string;
}

/** The act that ends a coupon at a moment. */
export function expireCouponAct(input: {
  readonly organizationId: string;
  readonly couponId: string;
  readonly hasTestClock: boolean;
  readonly dueAt: Date;
}): WantedAct {
  const { organizationId, couponId, hasTestClock, dueAt } = input;
  return actOf(expireCouponKind, {
    id: expireCouponId(couponId),
    organizationId,
    argument: { couponId, frozen: hasTestClock },
    dueAt,
    summary: `End coupon ${couponId}`,
  });
}
