import { describe, expect, test } from '@jest/globals';
import { boundaries } from '../../../billing/calendar/boundaries.ts';
import { dayPrice } from '../../../billing/calendar/day-price.ts';
import { days } from '../../../billing/calendar/days.ts';
import { localDate, parseLocalDate, startOfLocalDay } from '../../../billing/calendar/local-date.ts';
import { nextDuty } from '../../../billing/calendar/next-duty.ts';
import type { Duty, DutyFacts } from '../../../billing/calendar/next-duty.ts';
import { planRule } from '../../../billing/calendar/subscription-terms.ts';
import { DEFAULT_ALERT_DAYS } from '../../../billing/calendar/termination-alert.ts';
import { at, subscription } from './example-subscription.ts';

type Given = Partial<DutyFacts> & { readonly subscriptionAt: Date };

/** An active subscription in UTC whose row was created when service began, without trial, end or invoice. */
function facts(given: Given): DutyFacts {
  const terms = subscription(given);
  return {
    timeZone: 'UTC',
    createdAt: terms.startedAt ?? given.subscriptionAt,
    endingAt: null,
    alertDays: DEFAULT_ALERT_DAYS,
    sentAlertDates: [],
    alertsSince: given.createdAt ?? given.subscriptionAt,
    trialPeriodDays: null,
    trialEndedAt: null,
    initialStart: null,
    hasPendingNext: false,
    lastBillingDay: null,
    ...terms,
    ...given,
  };
}

/** The facts after a duty was done; ending and rotating end the subscription. */
function done(before: DutyFacts, duty: Duty): DutyFacts {
  switch (duty.kind) {
    case 'bill_period':
      return { ...before, lastBillingDay: duty.billingDay };
    case 'trial_end':
      return { ...before, trialEndedAt: duty.dueAt };
    case 'termination_alert':
      return { ...before, sentAlertDates: [...before.sentAlertDates, duty.alertDate] };
    case 'ending':
    case 'rotate':
      return { ...before, status: 'terminated', terminatedAt: duty.dueAt };
    case 'none':
      return before;
  }
}

/** What happens to a subscription up to an instant, one duty after the other. */
function story(given: Given, until: string): string[] {
  const told: string[] = [];
  let now = facts(given);
  for (let duty = nextDuty(now); duty.kind !== 'none' && duty.dueAt <= at(until); duty = nextDuty(now)) {
    told.push(`${duty.dueAt.toISOString().replace(':00.000Z', 'Z')} ${duty.kind}`);
    now = done(now, duty);
    if (told.length > 100) throw new Error('a duty that is never done');
  }
  return told;
}

describe('billing', () => {
  test('waits for the first billing day after the start', () => {
    expect(nextDuty(facts({ subscriptionAt: at('2024-01-31T01:00Z'), billingTime: 'anniversary' }))).toEqual({
      kind: 'bill_period',
      dueAt: at('2024-02-29T00:00Z'),
      billingDay: '2024-02-29',
      periodKey: '2024-01-31',
    });
  });

  test('then for the one after the last that was billed', () => {
    const given = {
      subscriptionAt: at('2024-01-31T01:00Z'),
      billingTime: 'anniversary',
      lastBillingDay: '2024-02-29',
    } as const;
    expect(nextDuty(facts(given))).toMatchObject({ billingDay: '2024-03-31', periodKey: '2024-02-29' });
  });

  test('never bills on the day of the start, though that is a billing day', () => {
    expect(nextDuty(facts({ subscriptionAt: at('2024-02-01T00:00Z') }))).toMatchObject({ billingDay: '2024-03-01' });
  });

  test('nor does it when the row was created long before', () => {
    const later = { subscriptionAt: at('2024-02-01T00:00Z'), createdAt: at('2023-12-24T00:00Z') };
    expect(nextDuty(facts(later))).toMatchObject({ billingDay: '2024-03-01' });
  });

  test('never bills the past of a backdated subscription, nor on the day it was created', () => {
    const backdated = { subscriptionAt: at('2023-11-10T00:00Z'), createdAt: at('2024-02-01T09:00Z') };
    expect(nextDuty(facts(backdated))).toMatchObject({ billingDay: '2024-03-01', periodKey: '2024-02-01' });
  });

  test('is not misled by a last billing day before the creation', () => {
    const backdated = { subscriptionAt: at('2023-11-10T00:00Z'), createdAt: at('2024-02-01T09:00Z') };
    expect(nextDuty(facts({ ...backdated, lastBillingDay: '2023-12-01' }))).toMatchObject({ billingDay: '2024-03-01' });
  });

  test.each([
    ['Asia/Kolkata', { subscriptionAt: at('2023-02-01T00:00Z') }, '2023-02-28T18:30Z', '2023-03-01T18:30Z'],
    ['America/Bogota', { subscriptionAt: at('2023-02-02T19:00Z') }, '2023-03-01T05:00Z', '2023-03-02T05:00Z'],
    [
      'America/Bogota',
      { subscriptionAt: at('2022-02-04T19:00Z'), interval: 'yearly' },
      '2023-01-01T05:00Z',
      '2023-01-02T05:00Z',
    ],
    [
      'Europe/Paris',
      {
        subscriptionAt: at('2023-05-02T00:00Z'),
        interval: 'weekly',
        billingTime: 'anniversary',
        lastBillingDay: '2023-05-16',
      },
      '2023-05-22T22:00Z',
      '2023-05-23T22:00Z',
    ],
  ] as const)('in %s is due from the first instant of the local day (%p)', (timeZone, given, from, next) => {
    const duty = nextDuty(facts({ ...given, timeZone }));
    expect(duty).toMatchObject({ kind: 'bill_period', dueAt: at(from) });
    const day = localDate(at(from), timeZone);
    expect(startOfLocalDay(day.add({ days: 1 }), timeZone)).toEqual(at(next));
  });

  test('begins at one o’clock where that day has no midnight, and after a day that was skipped', () => {
    const monthly = { billingTime: 'anniversary', lastBillingDay: '2018-10-04' } as const;
    const saoPaulo = facts({ subscriptionAt: at('2018-08-04T12:00Z'), timeZone: 'America/Sao_Paulo', ...monthly });
    expect(nextDuty(saoPaulo)).toMatchObject({ billingDay: '2018-11-04', dueAt: at('2018-11-04T03:00Z') });
    const apia = {
      subscriptionAt: at('2011-08-30T20:00Z'),
      timeZone: 'Pacific/Apia',
      billingTime: 'anniversary',
    } as const;
    expect(nextDuty(facts({ ...apia, lastBillingDay: '2011-11-30' }))).toMatchObject({
      billingDay: '2011-12-30',
      periodKey: '2011-11-30',
      dueAt: at('2011-12-30T10:00Z'),
    });
    expect(nextDuty(facts({ ...apia, lastBillingDay: '2011-12-30' }))).toMatchObject({ billingDay: '2012-01-30' });
  });

  test('of missed months gives each its own: 17.00, 31.00 and 31.00', () => {
    const given = { subscriptionAt: at('2023-01-15T00:00Z') };
    let now = facts(given);
    const amounts: string[] = [];
    for (
      let duty = nextDuty(now);
      duty.kind !== 'none' && duty.dueAt <= at('2023-04-10T12:00Z');
      duty = nextDuty(now)
    ) {
      const { from, to } = boundaries({ ...subscription(given), ...now }, 'UTC', duty.dueAt, {
        currentUsage: false,
        lastWindows: null,
      });
      if (from === null || to === null) throw new Error('no fee window');
      const price = dayPrice(3100n, localDate(from, 'UTC'), planRule(now, 'UTC'));
      amounts.push(price.times(days(from, to, 'UTC')).toFixed(0));
      now = done(now, duty);
    }
    expect(amounts).toEqual(['1700', '3100', '3100']);
  });
});

describe('a pending downgrade', () => {
  const yearly = { interval: 'yearly', billChargesMonthly: true, subscriptionAt: at('2024-01-31T00:00Z') } as const;
  const split = { ...yearly, billingTime: 'anniversary', hasPendingNext: true, next: 'downgrade' } as const;

  test('rotates on the next billing day of an undivided plan', () => {
    const given = { subscriptionAt: at('2024-03-01T00:00Z'), hasPendingNext: true, lastBillingDay: '2024-05-01' };
    expect(nextDuty(facts(given))).toEqual({
      kind: 'rotate',
      dueAt: at('2024-06-01T00:00Z'),
      billingDay: '2024-06-01',
      periodKey: '2024-05-01',
    });
  });

  test('waits for the end of the year of a split plan; its months are billed as ever', () => {
    expect(story(split, '2025-06-30').slice(-3)).toEqual([
      '2024-11-30T00:00Z bill_period',
      '2024-12-31T00:00Z bill_period',
      '2025-01-31T00:00Z rotate',
    ]);
    expect(story(split, '2025-06-30')).toHaveLength(12);
  });
});

describe('an end', () => {
  test('replaces the billing of its day', () => {
    const given = { subscriptionAt: at('2023-08-01T00:00Z'), endingAt: at('2023-10-01T12:00Z'), alertDays: [] };
    expect(story(given, '2024-01-01')).toEqual(['2023-09-01T00:00Z bill_period', '2023-10-01T12:00Z ending']);
  });

  test('counts on the customer’s days', () => {
    // 03:00 on the 1st in UTC is still the 30th in New York: the 1st is never billed, the end comes first.
    const given = { subscriptionAt: at('2023-08-01T12:00Z'), endingAt: at('2023-10-01T03:00Z'), alertDays: [] };
    expect(story({ ...given, timeZone: 'America/New_York' }, '2024-01-01')).toEqual([
      '2023-09-01T04:00Z bill_period',
      '2023-10-01T03:00Z ending',
    ]);
  });

  test('on an earlier day comes before the missed billing days after it', () => {
    const given = { subscriptionAt: at('2023-01-10T00:00Z'), endingAt: at('2023-02-14T08:00Z'), alertDays: [] };
    expect(story(given, '2023-12-31')).toEqual(['2023-02-01T00:00Z bill_period', '2023-02-14T08:00Z ending']);
  });

  test('replaces a rotation of its day, and the end of a trial', () => {
    const given = { subscriptionAt: at('2023-08-01T00:00Z'), endingAt: at('2023-09-01T12:00Z'), alertDays: [] };
    expect(story({ ...given, hasPendingNext: true, trialPeriodDays: 31 }, '2024-01-01')).toEqual([
      '2023-09-01T12:00Z ending',
    ]);
  });
});

describe('a trial', () => {
  test('ends on its day, before the next period', () => {
    const given = { subscriptionAt: at('2024-03-05T12:12Z'), payInAdvance: true, trialPeriodDays: 10 };
    expect(story(given, '2024-04-30')).toEqual(['2024-03-15T12:12Z trial_end', '2024-04-01T00:00Z bill_period']);
  });

  test('longer than the period ends after the billing of its usage', () => {
    const given = { subscriptionAt: at('2024-03-05T12:12Z'), payInAdvance: true, trialPeriodDays: 45 };
    expect(story(given, '2024-05-01')).toEqual([
      '2024-04-01T00:00Z bill_period',
      '2024-04-19T12:12Z trial_end',
      '2024-05-01T00:00Z bill_period',
    ]);
  });

  test('that ends on the billing day ends after the billing, on the local day', () => {
    const given = { subscriptionAt: at('2024-03-22T01:12Z'), payInAdvance: true, trialPeriodDays: 10 };
    expect(story({ ...given, timeZone: 'Europe/Paris' }, '2024-04-30')).toEqual([
      '2024-03-31T22:00Z bill_period',
      '2024-04-01T01:12Z trial_end',
    ]);
  });

  test('counts from the first start of the external id, and ends once', () => {
    const upgraded = {
      subscriptionAt: at('2024-03-05T12:12Z'),
      startedAt: at('2024-03-10T12:12Z'),
      trialPeriodDays: 13,
    };
    const counted = { ...upgraded, initialStart: at('2024-03-05T12:12Z') };
    expect(nextDuty(facts(counted))).toEqual({ kind: 'trial_end', dueAt: at('2024-03-18T12:12Z') });
    const ended = { ...counted, trialEndedAt: at('2024-03-18T12:12Z') };
    expect(nextDuty(facts(ended))).toMatchObject({ kind: 'bill_period', billingDay: '2024-04-01' });
    expect(nextDuty(facts({ ...counted, trialPeriodDays: 0 }))).toMatchObject({ kind: 'bill_period' });
  });
});

describe('termination alerts', () => {
  const given = { subscriptionAt: at('2024-06-01T00:00Z'), endingAt: at('2024-06-30T12:00Z') };

  test('are due 45 and 15 days before, in UTC dates', () => {
    const early = { ...given, subscriptionAt: at('2024-03-01T00:00Z') };
    expect(story(early, '2024-06-30T12:00Z')).toEqual([
      '2024-04-01T00:00Z bill_period',
      '2024-05-01T00:00Z bill_period',
      '2024-05-16T00:00Z termination_alert',
      '2024-06-01T00:00Z bill_period',
      '2024-06-15T00:00Z termination_alert',
      '2024-06-30T12:00Z ending',
    ]);
  });

  test('do not follow the customer’s days', () => {
    const tokyo = { ...given, endingAt: at('2024-06-30T23:00Z'), timeZone: 'Asia/Tokyo' };
    expect(nextDuty(facts(tokyo))).toEqual({
      kind: 'termination_alert',
      dueAt: at('2024-06-15T00:00Z'),
      alertDate: '2024-06-15',
    });
  });

  test('of days that were over when the end was set are not due', () => {
    expect(story({ ...given, alertsSince: at('2024-06-15T23:00Z') }, '2024-06-30T12:00Z')).toEqual([
      '2024-06-15T00:00Z termination_alert',
      '2024-06-30T12:00Z ending',
    ]);
    expect(story({ ...given, alertsSince: at('2024-06-16T00:00Z') }, '2024-06-30T12:00Z')).toEqual([
      '2024-06-30T12:00Z ending',
    ]);
  });

  test('are sent once, and again when the end moves to another day', () => {
    const sent = { ...given, sentAlertDates: ['2024-06-15'] };
    expect(nextDuty(facts(sent))).toMatchObject({ kind: 'ending' });
    const moved = { ...sent, endingAt: at('2024-07-31T12:00Z') };
    expect(nextDuty(facts(moved))).toMatchObject({ kind: 'termination_alert', alertDate: '2024-06-16' });
  });

  test('follow the configured days', () => {
    expect(nextDuty(facts({ ...given, alertDays: [] }))).toMatchObject({ kind: 'ending' });
    expect(nextDuty(facts({ ...given, alertDays: [1, 7] }))).toMatchObject({ alertDate: '2024-06-23' });
  });
});

describe('nothing is left', () => {
  test.each(['terminated', 'canceled', 'pending', 'incomplete'] as const)('for a %s subscription', (status) => {
    expect(nextDuty(facts({ subscriptionAt: at('2024-01-01T00:00Z'), status }))).toEqual({ kind: 'none' });
  });

  test('an active subscription without a start is refused', () => {
    const broken = { ...facts({ subscriptionAt: at('2024-01-01T00:00Z') }), startedAt: null };
    expect(() => nextDuty(broken)).toThrow('an active subscription has a start');
  });
});

test('a billing day is written as a date that can be read again', () => {
  const duty = nextDuty(facts({ subscriptionAt: at('2024-01-15T00:00Z') }));
  expect(duty.kind === 'bill_period' && parseLocalDate(duty.billingDay).day).toBe(1);
});
