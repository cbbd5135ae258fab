import { LockMode } from '@mikro-orm/postgresql';
import { waitIfLater } from '../../db/acts/own-moment.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { Coupon } from '../../db/entities/coupons/coupon.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import { done, ended, inActTransaction } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { ExpireCouponArgument } from './expire-coupon-act.ts';

export type ExpireCouponOutcome =
  | { readonly outcome: 'expired' }
  /** It was deleted, has ended already, or does not end any more. */
  | { readonly outcome: 'superseded' }
  /** Its time ends later. */
  | { readonly outcome: 'moved'; readonly dueAt: string };

/**
 * Ends a coupon whose time is over (spec, money 2.1): it can be applied no more, and customers who have it keep it. May
 * run any number of times, side by side too.
 */
export const expireCoupon = (
  dependencies: ActivityDependencies,
  argument: ExpireCouponArgument,
): Promise<ExpireCouponOutcome> =>
  inActTransaction<ExpireCouponOutcome>(dependencies, 'expireCoupon', argument, async (em) => {
    const { actId, organizationId, couponId } = argument;
    const coupon = await em.findOneOrFail(Coupon, { id: couponId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    const { expirationAt } = coupon;
    if (expirationAt == null || coupon.terminatedAt != null || coupon.deletedAt != null) {
      await finishActs(em, [actId]);
      return ended({ outcome: 'superseded' });
    }
    const { clockNow } = await em.findOneOrFail(Organization, { id: organizationId });
    const now = clockNow ?? dependencies.realTime();
    if (expirationAt > now) {
      await waitIfLater(em, argument, now, { dueAt: expirationAt });
      return ended({ outcome: 'moved', dueAt: expirationAt.toISOString() });
    }
    em.assign(coupon, { terminatedAt: now, updatedAt: now });
    await em.flush();
    await finishActs(em, [actId]);
    return done({ outcome: 'expired' });
  });
