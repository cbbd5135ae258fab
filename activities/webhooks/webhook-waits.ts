/** The wait after a delivery's first failed try; each further one is three times as long, up to the longest. */
const FIRST_WAIT_MS = 3000;
const GROWTH = 3;
const LONGEST_WAIT_MS = 2 * 3_600_000;

/**
 * A wait is longer than said by up to this part of it, so that deliveries which failed together do not return together.
 */
const JITTER = 0.1;

/**
 * How long a delivery waits after its `failures`th failed try, in milliseconds of real time: 3 s, 9 s, 27 s ... 2 h.
 *
 * @param failures from 1.
 * @param random from 0 to 1, exclusive.
 */
export function waitAfterFailure(failures: number, random: number): number {
  const wait = Math.min(FIRST_WAIT_MS * GROWTH ** (failures - 1), LONGEST_WAIT_MS);
  return Math.round(wait * (1 + JITTER * random));
}

/** An endpoint that has failed so often in a row is down: it is asked one delivery at a time. */
export const DOWN_AFTER_FAILURES = 20;

/** How long an endpoint that is down is left alone between two tries, whatever waits for it. */
export const DOWN_PAUSE_MS = 60_000;

/**
 * After so many failures in a row an acknowledgement means that the endpoint is back, and retries need not wait any
 * longer.
 */
export const BACK_AFTER_FAILURES = 3;
