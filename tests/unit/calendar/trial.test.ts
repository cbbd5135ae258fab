import { describe, expect, test } from '@jest/globals';
import { hasTrial, isFeeSuppressedByTrial, isInTrial, trialEnd } from '../../../billing/calendar/trial.ts';
import { at } from './example-subscription.ts';

describe('the end of a trial', () => {
  test.each([
    ['2024-03-05T12:12:00Z', 10, '2024-03-15T12:12:00.000Z'],
    ['2024-03-05T12:12:00Z', 45, '2024-04-19T12:12:00.000Z'],
    ['2024-03-05T12:12:00Z', 13, '2024-03-18T12:12:00.000Z'],
    // Days of 24 hours: the change to summer time in Paris on 31 March moves nothing.
    ['2024-03-22T01:12:00Z', 10, '2024-04-01T01:12:00.000Z'],
    ['2024-03-05T12:00:00Z', 1.5, '2024-03-07T00:00:00.000Z'],
    ['2024-03-05T12:00:00.123Z', 0.1, '2024-03-05T14:24:00.123Z'],
  ])('%s and %d days: %s', (start, days, expected) => {
    expect(trialEnd(at(start), days).toISOString()).toBe(expected);
  });

  test.each([
    [null, false],
    [0, false],
    [-1, false],
    [0.5, true],
  ])('a plan with %p days has a trial: %p', (days, expected) => {
    expect(hasTrial(days)).toBe(expected);
  });

  test('runs until its end, exclusive', () => {
    const end = at('2024-03-15T12:12:00Z');
    expect(isInTrial(at('2024-03-15T12:11:59.999Z'), end)).toBe(true);
    expect(isInTrial(end, end)).toBe(false);
  });

  test.each([
    ['the local day of its end takes the fee', '2024-03-31T22:00:00Z', '2024-04-01T01:12:00Z', 'Europe/Paris', false],
    ['that is still the day before in UTC', '2024-03-31T22:00:00Z', '2024-04-01T01:12:00Z', 'UTC', true],
    ['it ends on the next local day', '2024-03-31T15:00:00Z', '2024-04-01T16:00:00Z', 'Asia/Tokyo', true],
    ['it ended days before', '2024-04-05T00:00:00Z', '2024-04-01T01:12:00Z', 'UTC', false],
    ['it has ended on this day', '2024-04-01T02:00:00Z', '2024-04-01T01:12:00Z', 'UTC', false],
  ])('suppresses the fee: %s', (_, instant, end, timeZone, expected) => {
    expect(isFeeSuppressedByTrial(at(instant), at(end), timeZone)).toBe(expected);
  });
});
