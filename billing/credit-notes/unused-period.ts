import { dayPrice } from '../calendar/day-price.ts';
import { addDays, epochDay } from '../calendar/epoch-day.ts';
import { isBefore, localDate, type PlainDate } from '../calendar/local-date.ts';
import { periodEnd, periodStart, type PeriodRule } from '../calendar/period.ts';
import type { Decimal } from '../money/decimal.ts';

/** A subscription in advance that ends. */
export interface EndedService {
  readonly rule: PeriodRule;
  /** The customer's. */
  readonly timeZone: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** As it was when the period was billed. */
  readonly planAmountCents: bigint;
  /** Exclusive; null: the plan has no trial. */
  readonly trialEnd: Date | null;
  /** Whether it is followed by a dearer plan, which bills the day of the end. */
  readonly isUpgrade: boolean;
}

/** What was used and what was not of the period in which a subscription ends. */
export interface UnusedDays {
  /** Cents, exact. */
  readonly dayPriceCents: Decimal;
  readonly usedDays: number;
  readonly unusedDays: number;
}

/**
 * The days of a period paid in advance that a subscription leaves unused (spec, subscriptions-and-invoices 5.5; money
 * 3.11). The day of the end is used, unless the plan that follows bills it; days of a trial are neither used nor
 * credited.
 *
 * 3100 a month in October, ended on the 15th: 100 a day, 15 days used and 16 not; with a trial to the 20th none used
 * and 12 not.
 */
export function unusedDays({ rule, timeZone, startedAt, endedAt, trialEnd, ...ended }: EndedService): UnusedDays {
  const day = localDate(endedAt, timeZone);
  const start = periodStart(day, rule);
  const end = periodEnd(start, rule);
  const trialDay = trialEnd && localDate(trialEnd, timeZone);
  const lastUsed = ended.isUpgrade ? addDays(day, -1) : day;
  const from = trialDay && !isBefore(trialDay, lastUsed) ? earliest(end, addDays(trialDay, -1)) : lastUsed;
  const firstUsed = latest(latest(start, localDate(startedAt, timeZone)), trialDay ?? start);
  return {
    dayPriceCents: dayPrice(ended.planAmountCents, day, rule),
    usedDays: Math.max(0, epochDay(lastUsed) - epochDay(firstUsed) + 1),
    unusedDays: Math.max(0, epochDay(end) - epochDay(from)),
  };
}

const earliest = (one: PlainDate, other: PlainDate): PlainDate => (isBefore(one, other) ? one : other);
const latest = (one: PlainDate, other: PlainDate): PlainDate => (isBefore(one, other) ? other : one);
