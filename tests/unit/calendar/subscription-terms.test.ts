import { describe, expect, test } from '@jest/globals';
import { isSplitPlan, isTerminatedBy, planRule } from '../../../billing/calendar/subscription-terms.ts';
import type { SubscriptionTerms } from '../../../billing/calendar/subscription-terms.ts';
import { at, subscription } from './example-subscription.ts';

const terms = subscription({ subscriptionAt: at('2024-01-31T20:00Z') });

describe('terminated by an instant', () => {
  const ended: SubscriptionTerms = { ...terms, status: 'terminated', terminatedAt: at('2024-05-20T10:00:00.900Z') };

  test.each([
    ['the same instant', '2024-05-20T10:00:00.900Z', true],
    ['a later one', '2024-05-20T10:00:02Z', true],
    ['the same second, rounded', '2024-05-20T10:00:00.600Z', true],
    ['the second before, rounded', '2024-05-20T10:00:00.400Z', false],
    ['an earlier day', '2024-05-01T00:00:00Z', false],
  ])('%s', (_, instant, expected) => {
    expect(isTerminatedBy(ended, at(instant))).toBe(expected);
  });

  test('takes both the status and the time', () => {
    expect(isTerminatedBy({ ...ended, status: 'active' }, at('2024-06-01T00:00Z'))).toBe(false);
    expect(isTerminatedBy({ ...ended, terminatedAt: null }, at('2024-06-01T00:00Z'))).toBe(false);
  });
});

describe('the rule of a plan', () => {
  test('is anchored on the local date of the anchor, not of the start', () => {
    const upgraded = { ...terms, startedAt: at('2024-03-10T00:00Z') };
    expect(planRule(upgraded, 'UTC').anchor.toString()).toBe('2024-01-31');
    expect(planRule(upgraded, 'Asia/Tokyo').anchor.toString()).toBe('2024-02-01');
  });

  test.each([
    ['weekly', false],
    ['monthly', false],
    ['quarterly', false],
    ['semiannual', true],
    ['yearly', true],
  ] as const)('of a %s plan can be split: %p', (interval, expected) => {
    expect(isSplitPlan({ ...terms, interval, billChargesMonthly: true })).toBe(expected);
    expect(isSplitPlan({ ...terms, interval, billFixedChargesMonthly: true })).toBe(expected);
    expect(isSplitPlan({ ...terms, interval })).toBe(false);
  });
});
