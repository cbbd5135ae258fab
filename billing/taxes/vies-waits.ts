/**
 * Minutes after the first failed tries; later ones wait for the last of them (spec, money 1.7;
 * subscriptions-and-invoices 13.1).
 */
const MINUTES = [5, 5, 10, 20, 40, 60] as const;

const MILLISECONDS_PER_MINUTE = 60_000;

/**
 * How long a check waits for its next try, in milliseconds of the organization's clock, without an end.
 *
 * After the first failure 5 minutes, after the fifth 40, after every later one an hour.
 *
 * @param failedTries of this number, 1 or more.
 */
export function viesWait(failedTries: number): number {
  const minutes = MINUTES[Math.min(failedTries, MINUTES.length) - 1];
  if (minutes === undefined) throw new RangeError(`no wait after ${failedTries} tries`);
  return minutes * MILLISECONDS_PER_MINUTE;
}
