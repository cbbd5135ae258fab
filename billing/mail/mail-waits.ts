/** How long a mail is tried, in real time. */
export const TRIED_FOR_MS = 72 * 3_600_000;

const FIRST_WAIT_MS = 5000;
const GROWTH = 3;
const LONGEST_WAIT_MS = 3_600_000;

/**
 * How long a mail waits after its `failures`th failed try, in milliseconds of real time: 5 s, 15 s, 45 s ... 1 h.
 *
 * @example waitOfMail(3) // 45_000
 * @param failures from 1.
 */
export const waitOfMail = (failures: number): number =>
  Math.min(FIRST_WAIT_MS * GROWTH ** (failures - 1), LONGEST_WAIT_MS);
