import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { endOfLocalDay, localDate, parseLocalDate, startOfLocalDay } from '../../../billing/calendar/local-date.ts';
import { subscriptionFee } from '../../../billing/fees/subscription-fee.ts';
import { Decimal } from '../../../billing/money/decimal.ts';
import { ADVANCE, ANNIVERSARY, at, centsOf, factsOf, feeOf, share, until } from './subscription-fee-story.ts';
import type { Story } from './subscription-fee-story.ts';

describe('first and full periods', () => {
  // Spec, subscriptions-and-invoices 5.2.
  const march: Story = { at: '2022-04-01', window: ['2022-03-15', '2022-03-31'] };

  test('a first period is prorated by its days, in arrears and in advance', () => {
    expect(feeOf(march)).toEqual({
      units: new Decimal(1),
      amountCents: 55n,
      preciseAmountCents: new Decimal('54.838709677419355'),
      unitAmountCents: 55n,
      preciseUnitAmount: new Decimal('0.55'),
      planAmountCents: 100n,
    });
    expect(centsOf({ ...march, at: '2022-03-15', terms: ADVANCE, invoicingReason: 'subscription_starting' })).toBe(55n);
  });

  test('the unit price is in units of the currency', () => {
    const inYen = feeOf({ ...march, currency: 'JPY' });
    expect([inYen?.amountCents, inYen?.preciseUnitAmount.toFixed()]).toEqual([55n, '55']);
  });

  test('once there was a fee the price is that of the plan', () => {
    expect(centsOf({ ...march, hasOlderFee: true })).toBe(100n);
  });

  test('an anniversary plan in advance without a previous one starts with the full price', () => {
    const story: Story = { ...march, at: '2022-03-15', invoicingReason: 'subscription_starting' };
    expect(centsOf({ ...story, terms: { ...ADVANCE, ...ANNIVERSARY } })).toBe(100n);
    expect(centsOf({ ...story, terms: { ...ADVANCE, ...ANNIVERSARY }, previous: 'downgrade' })).not.toBe(100n);
  });

  test.each([
    ['weekly', ['2022-03-09', '2022-03-13'], '2022-03-14', share(100, 5, 7), 71n],
    ['yearly', ['2022-03-15', '2022-12-31'], '2023-01-01', share(100, 292, 365), 80n],
    ['quarterly', ['2020-02-01', '2020-03-31'], '2020-04-01', share(100, 60, 91), 66n],
    ['semiannual', ['2020-06-30', '2020-06-30'], '2020-07-01', share(100, 1, 182), 1n],
  ] as const)('a first %s period', (interval, window, billedAt, byDays, cents) => {
    expect(centsOf({ at: billedAt, window, terms: { interval } })).toBe(cents);
    expect(cents).toBe(byDays);
  });

  test('the first period after a downgrade is prorated', () => {
    const story: Story = {
      at: '2023-11-19',
      window: ['2023-11-19', '2024-07-18'],
      amount: 12000,
      terms: { ...ADVANCE, ...ANNIVERSARY, interval: 'yearly', subscriptionAt: at('2023-07-19') },
      invoicingReason: 'subscription_starting',
      previous: 'downgrade',
    };
    expect(centsOf(story)).toBe(share(12000, 243, 366));
  });

  test('half a cent is rounded up although a thirtieth does not end', () => {
    expect(centsOf({ at: '2022-07-01', window: ['2022-06-16', '2022-06-30'], amount: 1 })).toBe(1n);
  });
});

describe('terminations', () => {
  const ended = { terminatedAt: at('2022-03-20T12:00:00Z'), startedAt: at('2022-01-01') };
  const story: Story = { at: '2022-03-20T12:00:00Z', window: ['2022-03-01', '2022-03-20T12:00:00Z'], terms: ended };
  const reason = { invoicingReason: 'subscription_terminating', hasOlderFee: true } as const;

  test('in arrears the used days are due', () => {
    const fee = feeOf({ ...story, ...reason });
    expect([fee?.amountCents, fee?.preciseAmountCents.toFixed()]).toEqual([65n, '64.516129032258065']);
  });

  test('the day of an upgrade belongs to the new plan', () => {
    expect(centsOf({ ...story, ...reason, terms: { ...ended, next: 'upgrade' } })).toBe(61n);
  });

  test('an upgrade on the first day of a period costs the old plan nothing', () => {
    const terms = { ...ended, terminatedAt: at('2022-03-01T08:00:00Z'), next: 'upgrade' } as const;
    const window = ['2022-03-01', '2022-03-01T08:00:00Z'] as const;
    expect(centsOf({ at: '2022-03-01T08:00:01Z', window, terms, ...reason })).toBe(0n);
  });

  test('at a downgrade the period was complete', () => {
    const terms = { ...ended, terminatedAt: at('2022-04-01'), next: 'downgrade' } as const;
    const window = ['2022-03-01', '2022-03-31'] as const;
    expect(centsOf({ at: '2022-04-01', window, terms, ...reason })).toBe(100n);
    // Its first period was not.
    const first = { ...terms, startedAt: at('2022-03-15') };
    expect(centsOf({ at: '2022-04-01', window: ['2022-03-15', '2022-03-31'], terms: first })).toBe(55n);
  });

  test('in advance nothing more is due, but a termination after B is not seen', () => {
    const terms = { ...ended, ...ADVANCE };
    expect(feeOf({ ...story, ...reason, terms })).toBeNull();
    expect(centsOf({ at: '2022-03-01', window: ['2022-03-01', '2022-03-31'], terms, hasOlderFee: true })).toBe(100n);
  });

  test('a draft in arrears refreshed after a termination keeps its full month', () => {
    const terms = { ...ended, terminatedAt: at('2022-04-10') };
    expect(centsOf({ at: '2022-04-01', window: ['2022-03-01', '2022-03-31'], terms, hasOlderFee: true })).toBe(100n);
  });

  test.each([
    ['quarterly from inside a period', 91000, '2024-05-20', '2024-06-20T10:00:00Z', 'quarterly', '2024-01-15', 32000n],
    ['ended the next day', 1000, '2023-09-05T06:00:00Z', '2023-09-06T00:15:00Z', 'monthly', '2023-09-05', 67n],
    ['started and ended the same day', 1000, '2023-09-05', '2023-09-05T05:00:00Z', 'monthly', '2023-09-05', 33n],
    ['ended on the first day of a period', 1000, '2023-10-01', '2023-10-01T09:00:00Z', 'monthly', '2023-08-01', 32n],
    ['ended where it takes over the period before', 1000, '2023-09-05', '2023-10-04', 'monthly', '2023-09-05', 1000n],
  ] as const)('%s', (_, amount, from, to, interval, anchor, cents) => {
    const terminatedAt = until(to);
    const terms = { ...ANNIVERSARY, interval, subscriptionAt: at(anchor), startedAt: at(from), terminatedAt };
    const window = [from.slice(0, 10), to] as const;
    expect(centsOf({ at: terminatedAt.toISOString(), window, amount, terms, ...reason, hasOlderFee: false })).toBe(
      cents,
    );
  });
});

describe('upgrades', () => {
  const yearly: Story = {
    at: '2023-09-28T05:00:01Z',
    window: ['2023-09-28', '2024-06-28'],
    amount: 12000,
    terms: {
      ...ADVANCE,
      ...ANNIVERSARY,
      interval: 'yearly',
      subscriptionAt: at('2023-06-29'),
      startedAt: at('2023-09-28T05:00:00Z'),
    },
    previous: 'upgrade',
    invoicingReason: 'subscription_starting',
  };

  test('the first fee of the new plan is for the days left', () => {
    expect(centsOf(yearly)).toBe(share(12000, 275, 366));
  });

  test('the next one is full', () => {
    const window = ['2024-06-29', '2025-06-28'] as const;
    expect(centsOf({ ...yearly, at: '2024-06-29', window, hasOlderFee: true })).toBe(12000n);
  });

  test('old and new side together are one period, wherever it is cut and whatever the clocks do', () => {
    // The clocks of New York and Lisbon change in March, those of Auckland do not.
    const zone = fc.constantFrom('UTC', 'America/New_York', 'Europe/Lisbon', 'Asia/Kolkata', 'Pacific/Auckland');
    const part = fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 0, max: 31 }).map((n) => n / 31),
    );
    fc.assert(
      fc.property(zone, part, fc.nat(1_000_000), (timeZone, elapsed, amount) => {
        const from = startOfLocalDay(parseLocalDate('2024-03-01'), timeZone);
        const to = endOfLocalDay(parseLocalDate('2024-03-31'), timeZone);
        const cut = new Date(from.getTime() + Math.floor(elapsed * (to.getTime() - from.getTime())));
        const facts = factsOf({ at: '2024-03-01', window: ['2024-03-01', '2024-03-31'], amount });
        const shared = { ...facts, timeZone, billingInstant: new Date(cut.getTime() + 1000) };
        const service = { ...facts.terms, subscriptionAt: from };
        const old = subscriptionFee({
          ...shared,
          terms: { ...service, startedAt: from, status: 'terminated', terminatedAt: cut, next: 'upgrade' },
          window: { from, to: cut },
          invoicingReason: 'subscription_terminating',
          hasOlderFee: true,
        });
        const fresh = subscriptionFee({
          ...shared,
          terms: { ...service, startedAt: cut, payInAdvance: true },
          window: { from: startOfLocalDay(localDate(cut, timeZone), timeZone), to },
          invoicingReason: 'subscription_starting',
          previous: 'upgrade',
        });
        const sum = Decimal.sum(old?.preciseAmountCents ?? NaN, fresh?.preciseAmountCents ?? NaN);
        expect(sum.minus(amount).abs().lte('1e-15')).toBe(true);
      }),
    );
  });
});

describe('invoices without a subscription fee', () => {
  const march: Story = { at: '2022-04-01', window: ['2022-03-01', '2022-03-31'] };

  test.each([
    ['of a pending subscription', { terms: { status: 'pending' } }],
    ['of a canceled one', { terms: { status: 'canceled' } }],
    ['that starts a plan in arrears', { invoicingReason: 'subscription_starting' }],
    ['whose day was billed in advance elsewhere', { terms: ADVANCE, hasFeeOfSameDay: true }],
  ] as const satisfies readonly (readonly [string, Partial<Story>])[])('one %s', (_, change) => {
    expect(feeOf({ ...march, ...change })).toBeNull();
  });

  test('nothing without a window', () => {
    expect(subscriptionFee({ ...factsOf(march), window: null })).toBeNull();
  });

  test('a day billed elsewhere does not matter in arrears, nor does a subscription that is incomplete', () => {
    expect(centsOf({ ...march, hasFeeOfSameDay: true, terms: { status: 'incomplete' } })).toBe(100n);
  });
});

describe('split plans', () => {
  const split = { interval: 'yearly', billChargesMonthly: true, startedAt: at('2022-03-15') } as const;
  const year = ['2022-03-15', '2022-12-31'] as const;

  test.each([
    ['in advance, never billed', { at: '2022-03-15', terms: ADVANCE, hasOlderFee: false }, true],
    ['in advance, another month', { at: '2022-04-01', terms: ADVANCE, hasOlderFee: true }, false],
    ['in advance, the first month', { at: '2023-01-01', terms: ADVANCE, hasOlderFee: true }, true],
    ['in advance, usage of a trial was billed', { at: '2022-04-20', terms: ADVANCE }, true],
    ['in arrears, another month', { at: '2022-05-01' }, false],
    ['in arrears, the first month', { at: '2023-01-01' }, true],
    ['in arrears, terminated', { at: '2022-05-20', terms: { terminatedAt: at('2022-05-20') } }, true],
  ] as const satisfies readonly (readonly [string, Partial<Story>, boolean])[])('%s: %p', (_, change, due) => {
    const story: Story = {
      window: year,
      ...change,
      terms: { ...split, ...('terms' in change && change.terms) },
    };
    expect(feeOf(story) !== null).toBe(due);
  });

  test.each([
    ['2022-03-20', 'the first month of its first period', false],
    ['2022-05-15', 'another month', false],
    ['2023-03-15', 'the first month of its second period', true],
  ])('backdated in advance, on %s, %s', (billedAt, _, due) => {
    const terms = { ...split, ...ADVANCE, ...ANNIVERSARY };
    expect(feeOf({ at: billedAt, window: year, terms, subscriptionCreatedAt: at('2022-03-18') }) !== null).toBe(due);
  });

  test('the flags mean nothing for other intervals', () => {
    const terms = { ...split, interval: 'quarterly', startedAt: at('2022-01-01') } as const;
    expect(centsOf({ at: '2022-05-01', window: ['2022-01-01', '2022-03-31'], terms })).toBe(100n);
  });
});

describe('backdated subscriptions', () => {
  const created = at('2022-03-20');

  test('in advance: the full price', () => {
    const terms = { ...ADVANCE, startedAt: at('2022-03-15') };
    const story: Story = { at: '2022-04-01', window: ['2022-03-15', '2022-03-31'], terms };
    expect(centsOf({ ...story, subscriptionCreatedAt: created })).toBe(100n);
    expect(centsOf(story)).toBe(55n);
  });

  test('in arrears: full if it started before the period, else its days', () => {
    const window = ['2022-03-01', '2022-03-31'] as const;
    const terms = { startedAt: at('2022-01-10') };
    expect(centsOf({ at: '2022-04-01', window, terms, subscriptionCreatedAt: created })).toBe(100n);
    const first: Story = { at: '2022-04-01', window: ['2022-03-15', '2022-03-31'], subscriptionCreatedAt: created };
    expect(centsOf(first)).toBe(55n);
  });
});
