import { describe, expect, test } from '@jest/globals';
import { boundaries } from '../../../billing/calendar/boundaries.ts';
import type { SubscriptionTerms, Windows } from '../../../billing/calendar/boundaries.ts';
import { currentWindow } from '../../../billing/calendar/charge-window.ts';
import { days } from '../../../billing/calendar/days.ts';
import { at, subscription, written } from './example-subscription.ts';

const PERIODIC = { currentUsage: false, lastWindows: null };
const CURRENT = { currentUsage: true, lastWindows: null };

type Row = {
  readonly from?: string | null;
  readonly to?: string | null;
  readonly charges?: readonly [string, string] | null;
  readonly fixedCharges?: readonly [string, string] | null;
};

/** Compares the windows that a row names; '2024-02-28 end' is the last millisecond of that day in UTC. */
function expectWindows(windows: Windows, row: Row): void {
  const instant = (text: string): string => at(text.replace(' end', 'T23:59:59.999Z')).toISOString();
  const named = {
    ...(row.from !== undefined && { from: row.from && instant(row.from) }),
    ...(row.to !== undefined && { to: row.to && instant(row.to) }),
    ...(row.charges !== undefined && { charges: row.charges?.map(instant) ?? [null, null] }),
    ...(row.fixedCharges !== undefined && { fixedCharges: row.fixedCharges?.map(instant) ?? [null, null] }),
  };
  expect({
    from: written(windows.from),
    to: written(windows.to),
    charges: [windows.chargesFrom, windows.chargesTo].map(written),
    fixedCharges: [windows.fixedChargesFrom, windows.fixedChargesTo].map(written),
  }).toMatchObject(named);
}

/** A subscription of the spec's facts: UTC, anniversary of the day it was created. */
function created(createdAt: string, given: Partial<SubscriptionTerms> = {}): SubscriptionTerms {
  return subscription({ billingTime: 'anniversary', subscriptionAt: at(createdAt), ...given });
}

describe('monthly in arrears, created on 31 January at one', () => {
  test.each([
    ['2024-02-29T02:00Z', '2024-01-31', '2024-02-28 end', ['2024-01-31T01:00Z', '2024-02-28 end']],
    ['2024-03-31T02:00Z', '2024-02-29', '2024-03-30 end', ['2024-02-29', '2024-03-30 end']],
    ['2024-04-30T02:00Z', '2024-03-31', '2024-04-29 end', ['2024-03-31', '2024-04-29 end']],
  ] as const)('billed at %s', (billed, from, to, charges) => {
    const windows = boundaries(created('2024-01-31T01:00Z'), 'UTC', at(billed), PERIODIC);
    expectWindows(windows, { from, to, charges, fixedCharges: charges });
  });
});

describe('monthly in advance, created on 30 January', () => {
  test.each([
    ['2024-01-30T00:00Z', '2024-01-30', '2024-02-28 end', ['2024-01-30', '2024-01-30']],
    ['2024-02-29T00:00Z', '2024-02-29', '2024-03-29 end', ['2024-01-30', '2024-02-28 end']],
    ['2024-03-30T00:00Z', '2024-03-30', '2024-04-29 end', ['2024-02-29', '2024-03-29 end']],
    ['2024-04-30T00:00Z', '2024-04-30', '2024-05-29 end', ['2024-03-30', '2024-04-29 end']],
  ] as const)('billed at %s', (billed, from, to, charges) => {
    const windows = boundaries(created('2024-01-30T00:00Z', { payInAdvance: true }), 'UTC', at(billed), PERIODIC);
    expectWindows(windows, { from, to, charges });
  });
});

const HOUR_ONE = '2024-01-31T01:00Z';
const FIRST_MONTH = [HOUR_ONE, '2024-02-28 end'] as const;
const FIRST_YEAR = [HOUR_ONE, '2025-01-30 end'] as const;
const LAST_MONTH = ['2024-12-31', '2025-01-30 end'] as const;
const CHARGES_MONTHLY = { billChargesMonthly: true };
const FIXED_MONTHLY = { billFixedChargesMonthly: true };
const BOTH_MONTHLY = { ...CHARGES_MONTHLY, ...FIXED_MONTHLY };

describe('yearly in arrears, created on 31 January at one', () => {
  test.each([
    [{}, '2025-01-31', '2024-01-31', '2025-01-30 end', FIRST_YEAR, FIRST_YEAR],
    [CHARGES_MONTHLY, '2024-02-29', '2024-01-31', HOUR_ONE, FIRST_MONTH, null],
    [CHARGES_MONTHLY, '2024-03-31', '2024-01-31', HOUR_ONE, ['2024-02-29', '2024-03-30 end'], null],
    [CHARGES_MONTHLY, '2025-01-31', '2024-01-31', '2025-01-30 end', LAST_MONTH, FIRST_YEAR],
    [FIXED_MONTHLY, '2024-02-29', '2024-01-31', HOUR_ONE, null, FIRST_MONTH],
    [FIXED_MONTHLY, '2025-01-31', '2024-01-31', '2025-01-30 end', FIRST_YEAR, LAST_MONTH],
    [BOTH_MONTHLY, '2024-02-29', '2024-01-31', HOUR_ONE, FIRST_MONTH, FIRST_MONTH],
    // In the second year the fee window of the months is the whole year before.
    [CHARGES_MONTHLY, '2025-02-28', '2024-01-31', '2025-01-30 end', ['2025-01-31', '2025-02-27 end'], null],
  ] as const)('%p, billed on %s', (flags, billed, from, to, charges, fixedCharges) => {
    const terms = created(HOUR_ONE, { interval: 'yearly', ...flags });
    expectWindows(boundaries(terms, 'UTC', at(`${billed}T02:00Z`), PERIODIC), { from, to, charges, fixedCharges });
  });
});

describe('yearly in advance with monthly charges, created on 31 January at one', () => {
  test.each([
    ['2024-01-31T01:00Z', '2024-01-31', '2025-01-30 end', [HOUR_ONE, HOUR_ONE], [HOUR_ONE, HOUR_ONE]],
    ['2024-02-29T02:00Z', '2024-01-31', '2025-01-30 end', FIRST_MONTH, null],
    ['2025-01-31T02:00Z', '2025-01-31', '2026-01-30 end', LAST_MONTH, FIRST_YEAR],
  ] as const)('billed at %s', (billed, from, to, charges, fixedCharges) => {
    const terms = created(HOUR_ONE, { interval: 'yearly', payInAdvance: true, ...CHARGES_MONTHLY });
    expectWindows(boundaries(terms, 'UTC', at(billed), PERIODIC), { from, to, charges, fixedCharges });
  });
});

describe('semiannual and quarterly in arrears, created on 31 January at one', () => {
  const half = [HOUR_ONE, '2024-07-30 end'] as const;
  test.each([
    ['semiannual', {}, '2024-07-31', '2024-01-31', '2024-07-30 end', half, half],
    ['semiannual', {}, '2025-01-31', '2024-07-31', '2025-01-30 end', ['2024-07-31', '2025-01-30 end'], undefined],
    [
      'semiannual',
      CHARGES_MONTHLY,
      '2024-07-31',
      '2024-01-31',
      '2024-07-30 end',
      ['2024-06-30', '2024-07-30 end'],
      half,
    ],
    ['quarterly', {}, '2024-04-30', '2024-01-31', '2024-04-29 end', [HOUR_ONE, '2024-04-29 end'], undefined],
    ['quarterly', {}, '2024-07-31', '2024-04-30', '2024-07-30 end', ['2024-04-30', '2024-07-30 end'], undefined],
    // Quarters know no monthly flags.
    [
      'quarterly',
      BOTH_MONTHLY,
      '2024-07-31',
      '2024-04-30',
      '2024-07-30 end',
      ['2024-04-30', '2024-07-30 end'],
      undefined,
    ],
  ] as const)('%s %p, billed on %s', (interval, flags, billed, from, to, charges, fixedCharges) => {
    const windows = boundaries(created(HOUR_ONE, { interval, ...flags }), 'UTC', at(`${billed}T02:00Z`), PERIODIC);
    expectWindows(windows, { from, to, charges, ...(fixedCharges && { fixedCharges }) });
  });
});

describe('the lengths of the windows', () => {
  test.each([
    [{}, 366, 366, 366],
    [CHARGES_MONTHLY, 366, 31, 366],
    [BOTH_MONTHLY, 366, 31, 31],
  ])('of the first year, %p: %d, %d and %d days', (flags, fee, charges, fixedCharges) => {
    const terms = created(HOUR_ONE, { interval: 'yearly', ...flags });
    expect(boundaries(terms, 'UTC', at('2025-01-31T00:00Z'), PERIODIC)).toMatchObject({
      durationDays: fee,
      chargesDurationDays: charges,
      fixedChargesDurationDays: fixedCharges,
    });
  });

  test('of a month that bills no fixed charges: none', () => {
    const terms = created(HOUR_ONE, { interval: 'yearly', ...CHARGES_MONTHLY });
    const windows = boundaries(terms, 'UTC', at('2024-02-29T00:00Z'), PERIODIC);
    expect(windows).toMatchObject({ chargesDurationDays: 29, fixedChargesDurationDays: 0 });
  });

  test('is that of the whole period where service began inside it', () => {
    const terms = created('2024-01-15T00:00Z', { interval: 'quarterly', startedAt: at('2024-05-20T10:00Z') });
    const windows = boundaries(terms, 'UTC', at('2024-07-15T00:00Z'), PERIODIC);
    expectWindows(windows, {
      from: '2024-05-20',
      to: '2024-07-14 end',
      charges: ['2024-05-20T10:00Z', '2024-07-14 end'],
    });
    expect(windows).toMatchObject({ durationDays: 91, chargesDurationDays: 91 });
  });
});

describe('time zones', () => {
  test('a billing instant that is still the last of the month in New York bills January', () => {
    const terms = subscription({ subscriptionAt: at('2021-02-01T00:00Z') });
    expectWindows(boundaries(terms, 'America/New_York', at('2022-03-01T00:00Z'), PERIODIC), {
      from: '2022-01-01T05:00Z',
      to: '2022-02-01T04:59:59.999Z',
    });
  });

  test('the running year ends in New York', () => {
    const terms = subscription({ interval: 'yearly', subscriptionAt: at('2021-02-01T00:00Z') });
    const windows = boundaries(terms, 'America/New_York', at('2022-03-07T00:00Z'), CURRENT);
    expect(written(windows.to)).toBe('2023-01-01T04:59:59.999Z');
  });

  test('a month across the change to summer time in Paris', () => {
    const terms = subscription({ subscriptionAt: at('2024-01-10T00:00Z') });
    expectWindows(boundaries(terms, 'Europe/Paris', at('2024-03-31T22:00Z'), PERIODIC), {
      from: '2024-02-29T23:00Z',
      to: '2024-03-31T21:59:59.999Z',
      charges: ['2024-02-29T23:00Z', '2024-03-31T21:59:59.999Z'],
    });
  });

  test('a billing day that Samoa skipped: billed at the first instant after it, for the period before it', () => {
    const terms = created('2011-08-30T20:00Z', { billingTime: 'anniversary' });
    // The 30th in Samoa, then eleven hours behind UTC.
    expectWindows(boundaries(terms, 'Pacific/Apia', at('2011-12-30T10:00Z'), PERIODIC), {
      from: '2011-11-30T10:00Z',
      to: '2011-12-30T09:59:59.999Z',
    });
    expectWindows(boundaries(terms, 'Pacific/Apia', at('2012-01-29T10:00Z'), PERIODIC), {
      from: '2011-12-30T10:00Z',
      to: '2012-01-29T09:59:59.999Z',
    });
  });
});

describe('a pending subscription', () => {
  test('has no windows', () => {
    const terms = created('2024-01-31T00:00Z', { status: 'pending', startedAt: null });
    expect(boundaries(terms, 'UTC', at('2024-02-29T00:00Z'), PERIODIC)).toEqual({
      from: null,
      to: null,
      chargesFrom: null,
      chargesTo: null,
      fixedChargesFrom: null,
      fixedChargesTo: null,
      durationDays: 0,
      chargesDurationDays: 0,
      fixedChargesDurationDays: 0,
    });
    expect(currentWindow(terms, 'UTC', at('2024-02-29T00:00Z'), 'charges')).toBeNull();
  });
});

describe('an upgrade', () => {
  const upgradedAt = '2023-09-28T05:00:00Z';
  const anchor = { billingTime: 'anniversary', subscriptionAt: at('2023-06-29T12:12Z'), payInAdvance: true } as const;

  test.each([upgradedAt, '2023-09-28T05:00:01Z'])(
    'ends the usage of the old side at its instant (billed %s)',
    (billed) => {
      const old = subscription({ ...anchor, status: 'terminated', terminatedAt: at(upgradedAt), next: 'upgrade' });
      expectWindows(boundaries(old, 'UTC', at(billed), CURRENT), {
        from: '2023-08-29',
        to: upgradedAt,
        charges: ['2023-08-29', upgradedAt],
        fixedCharges: ['2023-08-29', upgradedAt],
      });
    },
  );

  test('begins the new side on the same day, by the old anchor: 275 of 366 days', () => {
    const next = subscription({ ...anchor, interval: 'yearly', startedAt: at(upgradedAt) });
    const windows = boundaries(next, 'UTC', at(upgradedAt), PERIODIC);
    expectWindows(windows, { from: '2023-09-28', to: '2024-06-28 end', charges: [upgradedAt, upgradedAt] });
    expect(windows.durationDays).toBe(366);
    expect(days(at('2023-09-28'), at('2024-06-28T23:59:59.999Z'), 'UTC')).toBe(275);
  });

  test('of a plan in arrears bills the running period up to it', () => {
    const old = created('2024-01-15T10:00Z', {
      status: 'terminated',
      terminatedAt: at('2024-05-20T10:00Z'),
      next: 'upgrade',
    });
    const row = { from: '2024-05-15', to: '2024-05-20T10:00Z', charges: ['2024-05-15', '2024-05-20T10:00Z'] } as const;
    expectWindows(boundaries(old, 'UTC', at('2024-05-20T10:00Z'), CURRENT), row);
    // The refresh of its draft may not know that it came from an upgrade.
    expectWindows(boundaries(old, 'UTC', at('2024-05-20T10:00Z'), PERIODIC), row);
  });

  test('in the last second of a month bills that month, although the run comes in the next', () => {
    const old = subscription({
      subscriptionAt: at('2024-01-10T00:00Z'),
      status: 'terminated',
      terminatedAt: at('2024-03-31T23:59:59.500Z'),
      next: 'upgrade',
    });
    expectWindows(boundaries(old, 'UTC', at('2024-04-01T00:00:00.500Z'), CURRENT), {
      from: '2024-03-01',
      to: '2024-03-31T23:59:59.500Z',
      charges: ['2024-03-01', '2024-03-31T23:59:59.500Z'],
    });
  });

  test('of a yearly plan with monthly charges bills its fixed charges since the year began', () => {
    const terminated = { status: 'terminated', terminatedAt: at('2024-03-15T10:00Z'), next: 'upgrade' } as const;
    const old = created('2024-01-01T00:00Z', { interval: 'yearly', ...CHARGES_MONTHLY, ...terminated });
    const fixedCharges = ['2024-01-01', '2024-03-15T10:00Z'] as const;
    const charges = ['2024-03-01', '2024-03-15T10:00Z'] as const;
    expectWindows(boundaries(old, 'UTC', at('2024-03-15T10:00Z'), CURRENT), { charges, fixedCharges });
    const without = { ...old, hasFixedCharges: false };
    expectWindows(boundaries(without, 'UTC', at('2024-03-15T10:00Z'), CURRENT), { charges, fixedCharges: null });
  });

  test('on the last day of a period that began on a month end gives the new side no usage window yet', () => {
    const terms = created('2024-01-31T00:00Z', { startedAt: at('2024-05-30T12:00Z') });
    const nothing = ['2024-05-30T12:00Z', '2024-05-30T12:00Z'] as const;
    expectWindows(boundaries(terms, 'UTC', at('2024-05-30T12:00Z'), PERIODIC), {
      charges: nothing,
      fixedCharges: nothing,
    });
  });
});

describe('a downgrade on its due day', () => {
  const rotatedAt = '2023-11-19T00:00:00Z';
  const ended = { status: 'terminated', terminatedAt: at(rotatedAt), next: 'downgrade' } as const;

  test('bills the last full period of a plan in arrears', () => {
    const old = created('2023-07-19T12:12Z', ended);
    const period = ['2023-10-19', '2023-11-18 end'] as const;
    const row = { from: period[0], to: period[1], charges: period, fixedCharges: period };
    expectWindows(boundaries(old, 'UTC', at(rotatedAt), PERIODIC), row);
  });

  test('bills the last usage of a plan in advance, and no day of a new fee period', () => {
    const old = created('2023-07-19T12:12Z', { payInAdvance: true, ...ended });
    expectWindows(boundaries(old, 'UTC', at(rotatedAt), PERIODIC), {
      from: rotatedAt,
      to: rotatedAt,
      charges: ['2023-10-19', '2023-11-18 end'],
    });
  });

  test('begins the yearly plan in advance on that day: 243 of 366 days', () => {
    const next = created('2023-07-19T12:12Z', { interval: 'yearly', payInAdvance: true, startedAt: at(rotatedAt) });
    const windows = boundaries(next, 'UTC', at(rotatedAt), PERIODIC);
    expectWindows(windows, { from: '2023-11-19', to: '2024-07-18 end' });
    expect(windows.durationDays).toBe(366);
    expect(days(at('2023-11-19'), at('2024-07-18T23:59:59.999Z'), 'UTC')).toBe(243);
  });

  test('that still waits changes nothing', () => {
    const terms = subscription({ subscriptionAt: at('2024-03-01T00:00Z') });
    const billed = at('2024-05-01T00:00Z');
    expect(boundaries({ ...terms, next: 'downgrade' }, 'UTC', billed, PERIODIC)).toEqual(
      boundaries(terms, 'UTC', billed, PERIODIC),
    );
  });
});

describe('a draft of an earlier day', () => {
  test('keeps its windows when the subscription has ended since', () => {
    const terms = subscription({ subscriptionAt: at('2022-12-15T00:00Z') });
    const ended: SubscriptionTerms = { ...terms, status: 'terminated', terminatedAt: at('2023-01-20T06:00Z') };
    const billed = at('2023-01-01T00:10Z');
    expect(boundaries(ended, 'UTC', billed, PERIODIC)).toEqual(boundaries(terms, 'UTC', billed, PERIODIC));
  });
});

describe('current usage', () => {
  // Periods of the running window: month ends, leap days, 30th and 31st.
  test.each([
    ['quarterly', 'anniversary', '2022-01-29', '2022-02-28', '2022-01-29', '2022-04-28'],
    ['quarterly', 'anniversary', '2022-01-31', '2022-04-15', '2022-01-31', '2022-04-29'],
    ['quarterly', 'anniversary', '2022-01-31', '2022-07-30', '2022-04-30', '2022-07-30'],
    ['semiannual', 'anniversary', '2021-04-30', '2021-06-30', '2021-04-30', '2021-10-29'],
    ['semiannual', 'anniversary', '2021-01-31', '2021-08-01', '2021-07-31', '2022-01-30'],
    ['yearly', 'anniversary', '2024-02-29', '2025-03-10', '2025-02-28', '2026-02-27'],
    ['yearly', 'anniversary', '2024-02-29', '2025-02-20', '2024-02-29', '2025-02-27'],
  ] as const)('%s %s of %s, read on %s: %s to %s', (interval, billingTime, since, read, from, to) => {
    const terms = subscription({ interval, billingTime, subscriptionAt: at(since) });
    const charges = [from, `${to} end`] as const;
    expectWindows(boundaries(terms, 'UTC', at(read), CURRENT), { charges });
    const window = currentWindow(terms, 'UTC', at(read), 'charges');
    expect([window?.from.toISOString(), window?.to.toISOString()]).toEqual([
      `${from}T00:00:00.000Z`,
      `${to}T23:59:59.999Z`,
    ]);
  });

  test('begins with the service, in Berlin', () => {
    const terms = subscription({ interval: 'yearly', subscriptionAt: at('2023-01-01T09:30Z') });
    expectWindows(boundaries(terms, 'Europe/Berlin', at('2023-08-08T09:30Z'), CURRENT), {
      charges: ['2023-01-01T09:30Z', '2023-12-31T22:59:59.999Z'],
    });
  });

  test('of a yearly plan with monthly fixed charges is that of the year; with monthly charges there are no fixed ones', () => {
    const terms = subscription({ interval: 'yearly', subscriptionAt: at('2023-01-01T00:00Z') });
    const year = ['2023-01-01', '2023-12-31 end'] as const;
    const march = ['2023-03-01', '2023-03-31 end'] as const;
    const read = at('2023-03-15T00:00Z');
    expectWindows(boundaries({ ...terms, ...FIXED_MONTHLY }, 'UTC', read, CURRENT), {
      charges: year,
      fixedCharges: march,
    });
    expectWindows(boundaries({ ...terms, ...CHARGES_MONTHLY }, 'UTC', read, CURRENT), {
      charges: march,
      fixedCharges: null,
    });
    // What is billed in advance has its period nevertheless.
    const fixedCharges = currentWindow({ ...terms, ...CHARGES_MONTHLY }, 'UTC', read, 'fixedCharges');
    expect(fixedCharges).toMatchObject({ from: at(year[0]), to: at('2023-12-31T23:59:59.999Z'), days: 365 });
  });
});
