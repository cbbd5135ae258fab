import { proxyActivities, proxyLocalActivities, sleep } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { InstantChargeArgument } from '../../activities/instant-charges/instant-charge-act.ts';
import { policies } from '../policies.ts';
import { withSecondTry } from '../second-try.ts';

const { priceInstantCharge } = proxyLocalActivities<Activities>(policies.local);
const { priceInstantCharge: priceLater } = proxyActivities<Activities>({
  ...policies.asking,
  priority: { priorityKey: 5 },
});

/** How long a customer is left alone who is busy, one wait after the other. */
const WAITS_MS = [500, 1000, 2000, 4000, 8000, 15_000];

/** After so many waits in vain others go first (spec, usage 6.2; S013). */
const PATIENCE = 3;

/**
 * One event that a charge in advance asks money for at once. It prices the events before it too; mostly another one has
 * priced its own already. A customer who is busy is left alone for a while, longer each time.
 */
export async function instantCharge(
  argument: InstantChargeArgument,
): Promise<{ readonly outcome: 'priced' | 'already_done' }> {
  let waits = 0;
  for (;;) {
    const result = await withSecondTry(
      { act: argument, after: '3 seconds', what: 'The event could not be charged' },
      async () => {
        const price = waits < PATIENCE ? priceInstantCharge : priceLater;
        const tried = await price(argument);
        return tried.outcome === 'busy' ? ({ outcome: 'held' } as const) : tried;
      },
    );
    if (result.outcome === 'priced' || result.outcome === 'already_done') return result;
    if (result.outcome === 'held') {
      await sleep(WAITS_MS[Math.min(waits, WAITS_MS.length - 1)]!);
      waits += 1;
    }
  }
}
