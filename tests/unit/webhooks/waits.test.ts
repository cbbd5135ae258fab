import { describe, expect, test } from '@jest/globals';
import { waitAfterFailure } from '../../../activities/webhooks/webhook-waits.ts';

const HOUR_MS = 3_600_000;

describe('the waits between tries', () => {
  test('grow threefold from 3 seconds to 2 hours', () => {
    const seconds = Array.from({ length: 10 }, (_, index) => waitAfterFailure(index + 1, 0) / 1000);
    expect(seconds).toEqual([3, 9, 27, 81, 243, 729, 2187, 6561, 7200, 7200]);
  });

  test('stay at 2 hours, however many there were', () => {
    expect(waitAfterFailure(10_000, 0)).toBe(2 * HOUR_MS);
  });

  test('are a tenth longer at most', () => {
    expect(waitAfterFailure(1, 0.5)).toBe(3150);
    expect(waitAfterFailure(50, 0.999_999)).toBeLessThanOrEqual(2.2 * HOUR_MS);
  });

  test('leave some 40 tries within 72 hours', () => {
    let at = 0;
    let tries = 1;
    while ((at += waitAfterFailure(tries, 0.5)) < 72 * HOUR_MS) tries += 1;
    expect(tries).toBeGreaterThan(35);
    expect(tries).toBeLessThan(50);
  });
});
