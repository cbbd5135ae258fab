import { describe, expect, test } from '@jest/globals';
import { dayPrice } from '../../../billing/calendar/day-price.ts';
import { days } from '../../../billing/calendar/days.ts';
import { localDate } from '../../../billing/calendar/local-date.ts';
import { planRule } from '../../../billing/calendar/subscription-terms.ts';
import type { SubscriptionTerms } from '../../../billing/calendar/subscription-terms.ts';
import { dueDayOfTermination, terminationWindows } from '../../../billing/calendar/termination-windows.ts';
import type { Termination } from '../../../billing/calendar/termination-windows.ts';
import type { Windows } from '../../../billing/calendar/boundaries.ts';
import { at, subscription, written } from './example-subscription.ts';

/** A subscription terminated at an instant, its row created when service began. */
function terminated(
  terminatedAt: string,
  given: Partial<SubscriptionTerms> & { readonly subscriptionAt: Date },
  more: Partial<Termination> = {},
): Termination {
  const terms = subscription({ ...given, status: 'terminated', terminatedAt: at(terminatedAt) });
  return { terms, createdAt: given.subscriptionAt, timeZone: 'UTC', lastBillingDay: null, lastWindows: null, ...more };
}

function feeWindow(windows: Windows): (string | null)[] {
  return [written(windows.from), written(windows.to)];
}

function chargesWindow(windows: Windows): (string | null)[] {
  return [written(windows.chargesFrom), written(windows.chargesTo)];
}

function fixedChargesWindow(windows: Windows): (string | null)[] {
  return [written(windows.fixedChargesFrom), written(windows.fixedChargesTo)];
}

/** What the days of a fee window cost, in whole cents, for a plan of 10.00. */
function feeOfTenEuros(windows: Windows, { terms, timeZone }: Termination): string {
  const { from, to } = windows;
  if (from === null || to === null) throw new Error('no fee window');
  const price = dayPrice(1000n, localDate(from, timeZone), planRule(terms, timeZone));
  return price.times(days(from, to, timeZone)).toFixed(0);
}

const PARIS = { timeZone: 'Europe/Paris' };
const SEPTEMBER_5 = { billingTime: 'anniversary', subscriptionAt: at('2023-09-05T00:00Z') } as const;
const AUGUST_1 = { subscriptionAt: at('2023-08-01T00:00Z') };
const PERIOD_OF_SEPTEMBER_5 = ['2023-09-04T22:00:00.000Z', '2023-10-04T21:59:59.999Z'];

describe('a termination on a due day', () => {
  test('in arrears takes the closed period over, with what was used until the end: the whole 10.00', () => {
    const termination = terminated('2023-10-05T00:00Z', SEPTEMBER_5, PARIS);
    expect(dueDayOfTermination(termination)).toMatchObject({ billingDay: '2023-10-05', periodKey: '2023-09-05' });
    const windows = terminationWindows(termination, false);
    expect(feeWindow(windows)).toEqual(PERIOD_OF_SEPTEMBER_5);
    expect(chargesWindow(windows)).toEqual(['2023-09-05T00:00:00.000Z', '2023-10-05T00:00:00.000Z']);
    expect(feeOfTenEuros(windows, termination)).toBe('1000');
  });

  test('in advance takes over the usage of the closed period', () => {
    const windows = terminationWindows(
      terminated('2023-10-05T00:00Z', { ...SEPTEMBER_5, payInAdvance: true }, PARIS),
      false,
    );
    expect(chargesWindow(windows)).toEqual(['2023-09-05T00:00:00.000Z', '2023-10-05T00:00:00.000Z']);
    expect(feeWindow(windows)).toEqual(['2023-10-04T22:00:00.000Z', '2023-11-04T22:59:59.999Z']);
  });

  test('whose period was billed already bills one day of the new one: 10.00/31', () => {
    const termination = terminated('2023-10-01T00:15Z', AUGUST_1, { ...PARIS, lastBillingDay: '2023-09-01' });
    expect(dueDayOfTermination(termination)?.periodKey).toBe('2023-09-01');
    const windows = terminationWindows(termination, true);
    expect(feeWindow(windows)).toEqual(['2023-09-30T22:00:00.000Z', '2023-10-01T00:15:00.000Z']);
    expect(feeOfTenEuros(windows, termination)).toBe('32');
  });

  test('is none when everything is billed up to that day', () => {
    const termination = terminated('2023-10-01T00:15Z', AUGUST_1, { ...PARIS, lastBillingDay: '2023-10-01' });
    expect(dueDayOfTermination(termination)).toBeNull();
    expect(feeWindow(terminationWindows(termination, false))[0]).toBe('2023-09-30T22:00:00.000Z');
  });

  test('on the 25th hour of a billing day is on that day still', () => {
    // Sunday 27 October 2024 had 25 hours in Paris; the anniversary is on the 27th.
    const anniversary = { billingTime: 'anniversary', subscriptionAt: at('2024-08-27T10:00Z') } as const;
    expect(dueDayOfTermination(terminated('2024-10-27T22:30Z', anniversary, PARIS))?.billingDay).toBe('2024-10-27');
    expect(dueDayOfTermination(terminated('2024-10-27T23:00Z', anniversary, PARIS))).toBeNull();
  });

  test('within a day of the start closes that day, which nothing else would bill', () => {
    const termination = terminated('2024-10-01T10:00Z', { subscriptionAt: at('2024-09-30T12:00Z') });
    const windows = terminationWindows(termination, false);
    expect(chargesWindow(windows)).toEqual(['2024-09-30T12:00:00.000Z', '2024-10-01T10:00:00.000Z']);
    expect(feeOfTenEuros(windows, termination)).toBe('33');
  });

  test('does not bill the past of a subscription that was created that day', () => {
    const backdated = { subscriptionAt: at('2024-09-10T00:00Z') };
    const termination = terminated('2024-10-01T10:00Z', backdated, { createdAt: at('2024-10-01T08:00Z') });
    expect(dueDayOfTermination(termination)).toBeNull();
    expect(feeWindow(terminationWindows(termination, false))).toEqual([
      '2024-10-01T00:00:00.000Z',
      '2024-10-01T10:00:00.000Z',
    ]);
  });
});

describe('a termination on another day', () => {
  test('on the day of the start: one day of 30', () => {
    const termination = terminated('2023-09-05T05:00Z', SEPTEMBER_5, PARIS);
    expect(dueDayOfTermination(termination)).toBeNull();
    const windows = terminationWindows(termination, false);
    expect(feeWindow(windows)).toEqual(['2023-09-04T22:00:00.000Z', '2023-09-05T05:00:00.000Z']);
    expect(feeOfTenEuros(windows, termination)).toBe('33');
  });

  test('on the next local day, in Bogota: two days of 30', () => {
    const termination = terminated('2023-09-06T00:00Z', SEPTEMBER_5, { timeZone: 'America/Bogota' });
    expect(feeOfTenEuros(terminationWindows(termination, false), termination)).toBe('67');
  });

  test('of a started quarter: 32 days', () => {
    const quarterly = { interval: 'quarterly', subscriptionAt: at('2024-05-20T10:00Z') } as const;
    const windows = terminationWindows(terminated('2024-06-20T10:00Z', quarterly), false);
    expect(feeWindow(windows)).toEqual(['2024-05-20T00:00:00.000Z', '2024-06-20T10:00:00.000Z']);
    expect(windows.durationDays).toBe(91);
    expect(days(at('2024-05-20'), at('2024-06-20T10:00Z'), 'UTC')).toBe(32);
  });

  test('two days after an upgrade: from the instant of the upgrade', () => {
    const upgraded = { subscriptionAt: at('2024-04-24T10:00Z'), startedAt: at('2024-04-24T11:00Z') };
    const windows = terminationWindows(terminated('2024-04-26T11:00Z', upgraded), false);
    expect(feeWindow(windows)).toEqual(['2024-04-24T00:00:00.000Z', '2024-04-26T11:00:00.000Z']);
    expect(chargesWindow(windows)).toEqual(['2024-04-24T11:00:00.000Z', '2024-04-26T11:00:00.000Z']);
  });

  test('is refused for terms that are not terminated', () => {
    const { terms, ...rest } = terminated('2024-04-26T11:00Z', AUGUST_1);
    const active: SubscriptionTerms = { ...terms, status: 'active', terminatedAt: null };
    expect(() => terminationWindows({ terms: active, ...rest }, false)).toThrow('not terminated: active');
  });

  test('is no due day while there is a next subscription', () => {
    const { terms, ...rest } = terminated('2023-10-01T00:15Z', AUGUST_1);
    expect(dueDayOfTermination({ terms: { ...terms, next: 'upgrade' }, ...rest })).toBeNull();
  });
});

describe('a split plan, terminated', () => {
  const yearly = { interval: 'yearly', subscriptionAt: at('2025-01-01T00:00Z') } as const;
  const chargesMonthly = { ...yearly, billChargesMonthly: true };
  const fixedMonthly = { ...yearly, billFixedChargesMonthly: true };
  const march = ['2025-03-01T00:00:00.000Z', '2025-03-15T10:00:00.000Z'];
  const year = ['2025-01-01T00:00:00.000Z', '2025-03-15T10:00:00.000Z'];

  test('in mid-month bills the running month, and since the year began what is not monthly', () => {
    const usage = terminationWindows(terminated('2025-03-15T10:00Z', chargesMonthly), false);
    expect([chargesWindow(usage), fixedChargesWindow(usage)]).toEqual([march, year]);
    const fixed = terminationWindows(terminated('2025-03-15T10:00Z', fixedMonthly), false);
    expect([chargesWindow(fixed), fixedChargesWindow(fixed)]).toEqual([year, march]);
  });

  test('in advance, alike', () => {
    const windows = terminationWindows(terminated('2025-03-15T10:00Z', { ...fixedMonthly, payInAdvance: true }), false);
    expect([chargesWindow(windows), fixedChargesWindow(windows)]).toEqual([year, march]);
  });

  test('without charges of the kind that is not monthly leaves their window out', () => {
    const windows = terminationWindows(terminated('2025-03-15T00:00Z', { ...fixedMonthly, hasCharges: false }), false);
    expect(chargesWindow(windows)).toEqual([null, null]);
    expect(fixedChargesWindow(windows)).toEqual(['2025-03-01T00:00:00.000Z', '2025-03-15T00:00:00.000Z']);
  });

  test('on a monthly due day before its run: the closed month, and since the year began what is not monthly', () => {
    const termination = terminated('2025-04-01T10:00Z', fixedMonthly, { lastBillingDay: '2025-03-01' });
    expect(dueDayOfTermination(termination)).toMatchObject({ periodKey: '2025-03-01', beginsPlanPeriod: false });
    const windows = terminationWindows(termination, false);
    expect(fixedChargesWindow(windows)).toEqual(['2025-03-01T00:00:00.000Z', '2025-04-01T10:00:00.000Z']);
    expect(chargesWindow(windows)).toEqual(['2025-01-01T00:00:00.000Z', '2025-04-01T10:00:00.000Z']);
    // The fee of the year so far: the regular invoice of a month has none.
    expect(feeWindow(windows)).toEqual(['2025-01-01T00:00:00.000Z', '2025-04-01T10:00:00.000Z']);
    expect(windows).toMatchObject({ durationDays: 365, chargesDurationDays: 365, fixedChargesDurationDays: 31 });
  });

  test('on a monthly due day before its run, with everything monthly: the closed month of both', () => {
    const both = { ...fixedMonthly, ...chargesMonthly };
    const windows = terminationWindows(terminated('2025-04-01T10:00Z', both, { lastBillingDay: '2025-03-01' }), false);
    const closed = ['2025-03-01T00:00:00.000Z', '2025-04-01T10:00:00.000Z'];
    expect([chargesWindow(windows), fixedChargesWindow(windows)]).toEqual([closed, closed]);
    expect(feeWindow(windows)).toEqual(['2025-01-01T00:00:00.000Z', '2025-04-01T10:00:00.000Z']);
  });

  test('on a monthly due day after its run: the new month begins, and since the year began what is not monthly', () => {
    const windows = terminationWindows(
      terminated('2025-04-01T10:00Z', fixedMonthly, { lastBillingDay: '2025-04-01' }),
      true,
    );
    expect(fixedChargesWindow(windows)).toEqual(['2025-04-01T00:00:00.000Z', '2025-04-01T10:00:00.000Z']);
    expect(chargesWindow(windows)).toEqual(['2025-01-01T00:00:00.000Z', '2025-04-01T10:00:00.000Z']);
  });

  test('on the due day of its year takes the whole year over', () => {
    const windows = terminationWindows(
      terminated('2026-01-01T10:00Z', chargesMonthly, { lastBillingDay: '2025-12-01' }),
      false,
    );
    expect(chargesWindow(windows)).toEqual(['2025-12-01T00:00:00.000Z', '2026-01-01T10:00:00.000Z']);
    expect(fixedChargesWindow(windows)).toEqual(['2025-01-01T00:00:00.000Z', '2026-01-01T10:00:00.000Z']);
    expect(feeWindow(windows)).toEqual(['2025-01-01T00:00:00.000Z', '2025-12-31T23:59:59.999Z']);
  });
});
