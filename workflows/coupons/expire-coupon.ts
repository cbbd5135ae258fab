import { proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { ExpireCouponArgument } from '../../activities/coupons/expire-coupon-act.ts';
import type { Activities } from '../../activities/index.ts';
import { policies } from '../policies.ts';
import { withSecondTry } from '../second-try.ts';
import { wake, wokenOr } from '../waiting.ts';

const { expireCoupon: endIfOver } = proxyLocalActivities<Activities>(policies.local);

/**
 * A coupon with a limit of time: ends it when its moment has come. A wake-up says that the moment may be another one,
 * or that a test clock has come to it.
 */
export async function expireCoupon(
  argument: ExpireCouponArgument,
): Promise<{ readonly outcome: 'expired' | 'superseded' }> {
  let wakeUps = 0;
  setHandler(wake, () => {
    wakeUps += 1;
  });
  for (;;) {
    const before = wakeUps;
    const isWoken = (): boolean => wakeUps > before;
    const result = await withSecondTry(
      { act: argument, after: '3 seconds', what: 'The coupon could not be ended' },
      () => endIfOver(argument),
    );
    if (result.outcome === 'moved') await wokenOr(argument.frozen ? null : result.dueAt, isWoken);
    // A wake-up that came while it was ending is not lost with it.
    else if (!isWoken()) return result;
  }
}
