import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { boundaries } from '../../../billing/calendar/boundaries.ts';
import type { Windows } from '../../../billing/calendar/boundaries.ts';
import { currentWindow } from '../../../billing/calendar/charge-window.ts';
import type { ChargeKind } from '../../../billing/calendar/charge-window.ts';
import { days } from '../../../billing/calendar/days.ts';
import { nextDueDay } from '../../../billing/calendar/due-day.ts';
import type { DueDay } from '../../../billing/calendar/due-day.ts';
import { endOfLocalDay, localDate, parseLocalDate, startOfLocalDay } from '../../../billing/calendar/local-date.ts';
import { isSplitPlan } from '../../../billing/calendar/subscription-terms.ts';
import type { SubscriptionTerms } from '../../../billing/calendar/subscription-terms.ts';
import { dueDayOfTermination, terminationWindows } from '../../../billing/calendar/termination-windows.ts';
import { anySubscription, anyZone } from './example-subscription.ts';

const KINDS: readonly ChargeKind[] = ['charges', 'fixedCharges'];
const RUNS = { numRuns: 100 };
const DAY = 86_400_000;

type Span = { readonly from: number; readonly to: number };
type Billed = { readonly due: DueDay; readonly windows: Windows };
type LastWindows = Record<ChargeKind, { to: Date; timeZone: string } | null>;

/** A window of a kind in milliseconds, or null when the invoice has none. */
function span(windows: Windows, kind: ChargeKind): Span | null {
  const [from, to] =
    kind === 'charges' ? [windows.chargesFrom, windows.chargesTo] : [windows.fixedChargesFrom, windows.fixedChargesTo];
  return from === null || to === null ? null : { from: from.getTime(), to: to.getTime() };
}

function startOf(terms: SubscriptionTerms): Date {
  if (terms.startedAt === null) throw new Error('a subscription of these stories has begun');
  return terms.startedAt;
}

/** Bills due day after due day, each in its zone and told the windows before it; without end. */
function* billing(terms: SubscriptionTerms, zoneOf: (index: number) => string): Generator<Billed> {
  const startedAt = startOf(terms);
  const beginning = { startedAt, createdAt: startedAt };
  let lastWindows: LastWindows = { charges: null, fixedCharges: null };
  let last: DueDay | null = null;
  for (let index = 0; ; index += 1) {
    const timeZone = zoneOf(index);
    const lastDay = last === null ? null : parseLocalDate(last.billingDay);
    const due: DueDay = nextDueDay(terms, beginning, timeZone, lastDay);
    const windows = boundaries(terms, timeZone, due.dueAt, { currentUsage: false, lastWindows });
    yield { due, windows };
    const { chargesTo, fixedChargesTo } = windows;
    lastWindows = {
      charges: chargesTo === null ? lastWindows.charges : { to: chargesTo, timeZone },
      fixedCharges: fixedChargesTo === null ? lastWindows.fixedCharges : { to: fixedChargesTo, timeZone },
    };
    last = due;
  }
}

function firstOf(endless: Generator<Billed>, count: number): Billed[] {
  return Array.from({ length: count }, () => endless.next().value as Billed);
}

/** The first due days of a subscription in one zone. */
function bill(terms: SubscriptionTerms, timeZone: string, count: number): Billed[] {
  return firstOf(
    billing(terms, () => timeZone),
    count,
  );
}

/** The due days up to an instant, that of its own day included. */
function billUntil(terms: SubscriptionTerms, timeZone: string, until: Date): Billed[] {
  const billed: Billed[] = [];
  for (const one of billing(terms, () => timeZone)) {
    if (one.due.dueAt.getTime() > until.getTime()) break;
    billed.push(one);
  }
  return billed;
}

function spansOf(billed: readonly Billed[], kind: ChargeKind): Span[] {
  return billed.map(({ windows }) => span(windows, kind)).filter((found) => found !== null);
}

/** Each window begins a millisecond after the one before, the first where service began. */
function expectToMeet(spans: readonly Span[], startedAt: Date): void {
  const ends = spans.map(({ to }) => to + 1);
  expect(spans.map(({ from }) => from)).toEqual([startedAt.getTime(), ...ends].slice(0, spans.length));
  expect(spans.filter(({ from, to }) => to < from)).toEqual([]);
}

describe('windows of consecutive billing days', () => {
  test('meet: every instant of service is billed once, up to the billing day, under keys that grow', () => {
    fc.assert(
      fc.property(anySubscription, anyZone, (terms, timeZone) => {
        const billed = bill(terms, timeZone, 14);
        for (const kind of KINDS) {
          const spans = spansOf(billed, kind);
          expectToMeet(spans, startOf(terms));
          expect(spans.length).toBeGreaterThan(0);
        }
        const late = billed.filter(({ due, windows }) =>
          KINDS.some((kind) => (span(windows, kind)?.to ?? due.dueAt.getTime() - 1) !== due.dueAt.getTime() - 1),
        );
        expect(late).toEqual([]);
        const keys = billed.map(({ due }) => due.periodKey);
        expect(keys).toEqual([...new Set(keys)].toSorted());
      }),
      RUNS,
    );
  });

  test('meet across a change of time zone', () => {
    fc.assert(
      fc.property(anySubscription, anyZone, anyZone, fc.integer({ min: 1, max: 6 }), (terms, before, after, moved) => {
        const billed = firstOf(
          billing(terms, (index) => (index < moved ? before : after)),
          9,
        );
        for (const kind of KINDS) {
          // What a split plan bills for the first time only after the move begins on a day of the new zone.
          const spans = spansOf(billed, kind).filter(({ from, to }) => from < to);
          expectToMeet(spans, new Date(spans[0]?.from ?? 0));
        }
        const keys = billed.map(({ due }) => due.periodKey);
        expect(keys).toEqual([...new Set(keys)].toSorted());
      }),
      RUNS,
    );
  });

  test('have the days of their period, the first one at most as many', () => {
    fc.assert(
      fc.property(anySubscription, anyZone, (terms, timeZone) => {
        const billed = bill(terms, timeZone, 14);
        const [first, ...later] = billed.filter(({ windows }) => windows.chargesFrom !== null);
        const whole = later.map(({ windows }) => windows).filter((windows) => hasBothEnds(windows, timeZone));
        expect(whole.map((windows) => lengthOfCharges(windows, timeZone))).toEqual(
          whole.map(({ chargesDurationDays }) => chargesDurationDays),
        );
        if (first === undefined) throw new Error('nothing was billed');
        expect(lengthOfCharges(first.windows, timeZone)).toBeLessThanOrEqual(first.windows.chargesDurationDays);
      }),
      RUNS,
    );
  });

  test('are repeated by no fee: the fee windows of plan periods meet too', () => {
    fc.assert(
      fc.property(anySubscription, anyZone, (terms, timeZone) => {
        const billed = bill(terms, timeZone, 14);
        const fees = billed.filter(({ due }) => due.beginsPlanPeriod).map(({ windows }) => windows);
        const spans = fees.map(({ from, to }) => ({ from: from?.getTime() ?? NaN, to: to?.getTime() ?? NaN }));
        expectToMeet(spans, new Date(spans[0]?.from ?? 0));
      }),
      RUNS,
    );
  });
});

describe('windows of a starting invoice', () => {
  test('hold no usage, so that none is billed twice', () => {
    fc.assert(
      fc.property(anySubscription, anyZone, (terms, timeZone) => {
        const startedAt = startOf(terms);
        const windows = boundaries(terms, timeZone, startedAt, { currentUsage: false, lastWindows: null });
        const spans = KINDS.map((kind) => span(windows, kind)).filter((found) => found !== null);
        expect(spans.filter(({ from, to }) => from !== startedAt.getTime() || to !== startedAt.getTime())).toEqual([]);
      }),
      RUNS,
    );
  });
});

describe('windows of the end', () => {
  const howLong = fc.integer({ min: 1, max: 500 * DAY });

  test('go on where the last invoice stopped, and end with the subscription', () => {
    fc.assert(
      fc.property(anySubscription, anyZone, howLong, fc.boolean(), (terms, timeZone, milliseconds, isUpgrade) => {
        const startedAt = startOf(terms);
        const terminatedAt = new Date(startedAt.getTime() + milliseconds);
        const billed = billUntil(terms, timeZone, terminatedAt);
        const ended: SubscriptionTerms = {
          ...terms,
          status: 'terminated',
          terminatedAt,
          next: isUpgrade ? 'upgrade' : null,
        };
        const lastBillingDay = billed.at(-1)?.due.billingDay ?? null;
        const termination = { terms: ended, createdAt: startedAt, timeZone, lastBillingDay, lastWindows: null };
        expect(dueDayOfTermination(termination)).toBeNull();
        const windows = isUpgrade
          ? boundaries(ended, timeZone, terminatedAt, { currentUsage: true, lastWindows: null })
          : terminationWindows(termination, false);
        for (const kind of KINDS) {
          const last = span(windows, kind);
          if (last === null) throw new Error('the last invoice bills everything');
          expectToMeet([...spansOf(billed, kind), last], startedAt);
          expect(last.to).toBe(terminatedAt.getTime());
        }
      }),
      RUNS,
    );
  });

  test('on a due day that was not billed take the closed period over', () => {
    const instantOfDay = fc.integer({ min: 0, max: 22 * 3_600_000 });
    const periods = fc.integer({ min: 1, max: 13 });
    fc.assert(
      fc.property(anySubscription, anyZone, periods, instantOfDay, (terms, timeZone, count, milliseconds) => {
        const startedAt = startOf(terms);
        const billed = bill(terms, timeZone, count);
        const due = billed.at(-1)?.due;
        if (due === undefined) throw new Error('nothing is due');
        const terminatedAt = new Date(due.dueAt.getTime() + milliseconds);
        // A day that the zone skipped is made up before the termination, like every day before it.
        fc.pre(localDate(terminatedAt, timeZone).toString() === due.billingDay);
        const ended: SubscriptionTerms = { ...terms, status: 'terminated', terminatedAt };
        const lastBillingDay = billed.at(-2)?.due.billingDay ?? null;
        const termination = { terms: ended, createdAt: startedAt, timeZone, lastBillingDay, lastWindows: null };
        expect(dueDayOfTermination(termination)).toEqual(due);
        const windows = terminationWindows(termination, false);
        const regular = boundaries(terms, timeZone, due.dueAt, { currentUsage: false, lastWindows: null });
        for (const kind of KINDS) {
          const last = span(windows, kind);
          if (last === null) throw new Error('the last invoice bills everything');
          expectToMeet([...spansOf(billed.slice(0, -1), kind), last], startedAt);
          expect(last).toEqual({ from: span(regular, kind)?.from ?? last.from, to: terminatedAt.getTime() });
        }
        expect(windows.to).toEqual(due.beginsPlanPeriod ? regular.to : terminatedAt);
      }),
      RUNS,
    );
  });

  test('of a downgrade end with the period, and the next subscription goes on', () => {
    fc.assert(
      fc.property(anySubscription, anySubscription, anyZone, (terms, plan, timeZone) => {
        fc.pre(!isSplitPlan(terms));
        const due = bill(terms, timeZone, 3).at(-1)?.due;
        if (due === undefined) throw new Error('nothing is due');
        const ended: SubscriptionTerms = { ...terms, status: 'terminated', terminatedAt: due.dueAt, next: 'downgrade' };
        const windows = boundaries(ended, timeZone, due.dueAt, { currentUsage: false, lastWindows: null });
        const next: SubscriptionTerms = { ...plan, subscriptionAt: terms.subscriptionAt, startedAt: due.dueAt };
        const first = bill(next, timeZone, 13);
        for (const kind of KINDS) {
          expect(span(windows, kind)?.to).toBe(due.dueAt.getTime() - 1);
          expect(spansOf(first, kind)[0]?.from).toBe(due.dueAt.getTime());
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the window of current usage', () => {
  test('holds the instant it is read at, and is what the next invoice bills', () => {
    fc.assert(
      fc.property(anySubscription, anyZone, fc.integer({ min: 0, max: 800 * DAY }), (terms, timeZone, milliseconds) => {
        const startedAt = startOf(terms);
        const now = new Date(startedAt.getTime() + milliseconds);
        const due = nextDueDay(terms, { startedAt, createdAt: now }, timeZone, null);
        const billed = boundaries(terms, timeZone, due.dueAt, { currentUsage: false, lastWindows: null });
        for (const kind of KINDS) {
          const window = currentWindow(terms, timeZone, now, kind);
          expect(window?.from.getTime()).toBeLessThanOrEqual(now.getTime());
          expect(window?.to.getTime()).toBeGreaterThanOrEqual(now.getTime());
          const read = { from: window?.from.getTime(), to: window?.to.getTime() };
          expect(span(billed, kind) ?? read).toEqual(read);
        }
      }),
      RUNS,
    );
  });
});

function lengthOfCharges({ chargesFrom, chargesTo }: Windows, timeZone: string): number {
  if (chargesFrom === null || chargesTo === null) throw new Error('no usage window');
  return days(chargesFrom, chargesTo, timeZone);
}

/** Whether the zone skipped neither the first nor the last day of the window. */
function hasBothEnds({ chargesFrom, chargesTo }: Windows, timeZone: string): boolean {
  if (chargesFrom === null || chargesTo === null) return false;
  const [first, last] = [localDate(chargesFrom, timeZone), localDate(chargesTo, timeZone)];
  const before = first.subtract({ days: 1 });
  const after = last.add({ days: 1 });
  return [before, after].every((day) => startOfLocalDay(day, timeZone) < endOfLocalDay(day, timeZone));
}
