import { describe, expect, test } from '@jest/globals';
import { subscriptionFee } from '../../../billing/fees/subscription-fee.ts';
import { ADVANCE, ANNIVERSARY, at, centsOf, factsOf, feeOf, share } from './subscription-fee-story.ts';
import type { Story } from './subscription-fee-story.ts';

describe('trials', () => {
  test.each([
    [
      'a month',
      { at: '2022-02-01', window: ['2022-01-01', '2022-01-31'], trial: '2022-01-04' },
      share(100, 28, 31),
      90n,
    ],
    [
      'a week',
      { at: '2022-03-14', window: ['2022-03-09', '2022-03-13'], trial: '2022-03-12', terms: { interval: 'weekly' } },
      share(100, 2, 7),
      29n,
    ],
    [
      'the whole period and into the billing day',
      { at: '2022-02-01T01:00:00Z', window: ['2022-01-01', '2022-01-31'], trial: '2022-02-01T09:00:00Z' },
      0n,
      0n,
    ],
    [
      'its last day',
      { at: '2022-02-01', window: ['2022-01-01', '2022-01-31'], trial: '2022-01-31T09:00:00Z' },
      share(100, 1, 31),
      3n,
    ],
    [
      'part of the first day',
      { at: '2022-02-01', window: ['2022-01-01', '2022-01-31'], trial: '2022-01-01T09:00:00Z' },
      100n,
      100n,
    ],
    [
      'nothing of the period',
      { at: '2022-03-01', window: ['2022-02-01', '2022-02-28'], trial: '2022-01-20', hasOlderFee: true },
      100n,
      100n,
    ],
  ] as const satisfies readonly (readonly [string, Story, bigint, bigint])[])(
    'a trial over %s',
    (_, story, byDays, cents) => {
      expect(centsOf(story)).toBe(cents);
      expect(cents).toBe(byDays);
    },
  );

  test('a trial that runs at B suppresses the fee', () => {
    expect(feeOf({ at: '2022-02-01', window: ['2022-01-01', '2022-01-31'], trial: '2022-02-15' })).toBeNull();
  });

  // Spec, subscriptions-and-invoices 5.3: 5 000 000 a month in advance, started 2024-03-05T12:12Z.
  const march: Story = {
    at: '2024-03-15T13:02:00Z',
    window: ['2024-03-05', '2024-03-31'],
    amount: 5_000_000,
    terms: { ...ADVANCE, startedAt: at('2024-03-05T12:12:00Z') },
    trial: '2024-03-15T12:12:00Z',
    invoicingReason: 'subscription_starting',
  };

  test('at the end of a trial in advance the rest of the month is due', () => {
    expect(centsOf(march)).toBe(2_741_935n);
    expect(share(5_000_000, 17, 31)).toBe(2_741_935n);
    expect(feeOf({ ...march, at: '2024-03-05T12:12:00Z' })).toBeNull();
  });

  test('a trial of 45 days ends in April', () => {
    const april: Story = { ...march, at: '2024-04-19T13:01:00Z', window: ['2024-04-01', '2024-04-30'] };
    expect(centsOf({ ...april, trial: '2024-04-19T12:12:00Z' })).toBe(2_000_000n);
    expect(feeOf({ ...april, at: '2024-04-01', trial: '2024-04-19T12:12:00Z' })).toBeNull();
  });

  test('an upgrade inside the trial counts on from the first start', () => {
    const terms = { ...ADVANCE, startedAt: at('2024-03-10T12:12:00Z'), subscriptionAt: at('2024-03-05T12:12:00Z') };
    const upgraded: Story = { ...march, at: '2024-03-18T13:00:00Z', window: ['2024-03-10', '2024-03-31'], terms };
    const fee = centsOf({ ...upgraded, amount: 10_000_000, trial: '2024-03-18T12:12:00Z', previous: 'upgrade' });
    expect(fee).toBe(4_516_129n);
  });

  test('a trial that ends on the billing day leaves the full fee to the periodic run', () => {
    const facts = factsOf({ ...march, at: '2024-04-01T00:01:00Z', trial: '2024-04-01T01:12:00Z' });
    const window = { from: at('2024-03-31T22:00:00Z'), to: at('2024-04-30T21:59:59.999Z') };
    const fee = subscriptionFee({
      ...facts,
      window,
      timeZone: 'Europe/Paris',
      invoicingReason: 'subscription_periodic',
    });
    expect(fee?.amountCents).toBe(5_000_000n);
  });

  test('an anniversary in advance pays the days after its trial', () => {
    const story: Story = {
      at: '2022-09-14T10:30:00Z',
      window: ['2022-08-31', '2022-09-29'],
      amount: 3000,
      terms: { ...ADVANCE, ...ANNIVERSARY },
      trial: '2022-09-14T10:00:00Z',
      invoicingReason: 'subscription_starting',
    };
    expect(centsOf(story)).toBe(1600n);
  });

  test('a termination in arrears pays the days after the trial', () => {
    const terms = { startedAt: at('2022-03-01'), terminatedAt: at('2022-03-20T12:00:00Z') };
    const story: Story = { at: '2022-03-20T12:00:00Z', window: ['2022-03-01', '2022-03-20T12:00:00Z'], terms };
    expect(centsOf({ ...story, trial: '2022-03-11', invoicingReason: 'subscription_terminating' })).toBe(
      share(100, 10, 31),
    );
  });
});
