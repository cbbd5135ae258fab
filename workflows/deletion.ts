import { sleep } from '@temporalio/workflow';
import { withSecondTry, type SecondTry } from './second-try.ts';

/** How long the first wait for invoices that are still being made is, and the longest. */
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 30_000;

interface Part {
  readonly outcome: 'deleted' | 'more' | 'waiting' | 'busy';
}

/**
 * Deletes part by part; whoever works on a customer just now goes first, and so do invoices that are being made.
 *
 * @param startAnew goes on in a new run when this one's history has grown long.
 */
export async function deletion(
  tries: SecondTry,
  part: () => Promise<Part>,
  startAnew: () => Promise<void>,
): Promise<void> {
  for (let wait = FIRST_WAIT_MS; ;) {
    const { outcome } = await withSecondTry(tries, part);
    if (outcome === 'deleted') return;
    if (outcome === 'waiting') {
      await sleep(wait);
      wait = Math.min(2 * wait, LONGEST_WAIT_MS);
    }
    await startAnew();
  }
}
