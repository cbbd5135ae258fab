import fc from 'fast-check';
import type { SubscriptionTerms } from '../../../billing/calendar/subscription-terms.ts';
import { parseLocalDate } from '../../../billing/calendar/local-date.ts';
import type { BillingTime, PeriodRule } from '../../../billing/calendar/period.ts';
import type { Interval } from '../../../billing/calendar/interval.ts';

/** An active monthly calendar subscription in arrears, started where its anchor is, but for what is given. */
export function subscription(given: Partial<SubscriptionTerms> & { readonly subscriptionAt: Date }): SubscriptionTerms {
  return {
    interval: 'monthly',
    payInAdvance: false,
    billChargesMonthly: false,
    billFixedChargesMonthly: false,
    hasCharges: true,
    hasFixedCharges: true,
    billingTime: 'calendar',
    startedAt: given.subscriptionAt,
    terminatedAt: null,
    status: 'active',
    next: null,
    ...given,
  };
}

/** A rule whose anchor is written 'YYYY-MM-DD'. */
export function ruleOf(interval: Interval, billingTime: BillingTime, anchor: string): PeriodRule {
  return { interval, billingTime, anchor: parseLocalDate(anchor) };
}

/** An instant written '2024-01-31T01:00Z', or a local day's end as its last millisecond '…:59.999Z'. */
export function at(text: string): Date {
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime())) throw new Error(`not an instant: ${text}`);
  return instant;
}

/** How a nullable instant is written in a table. */
export function written(instant: Date | null): string | null {
  return instant === null ? null : instant.toISOString();
}

/** Zones whose clocks did odd things at midnight, skipped a day, or run at odd offsets. */
export const ODD_ZONES = [
  'UTC',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Pacific/Kwajalein',
  'America/Sao_Paulo',
  'Africa/Cairo',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'Asia/Beirut',
  'Antarctica/Casey',
];

/** Any IANA zone, the odd ones more often. */
export const anyZone: fc.Arbitrary<string> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...ODD_ZONES) },
  { weight: 2, arbitrary: fc.constantFrom(...Intl.supportedValuesOf('timeZone')) },
);

/** Any millisecond of 1990 to 2060. */
export const anyInstant: fc.Arbitrary<Date> = fc
  .integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2061, 0, 1) - 1 })
  .map((milliseconds) => new Date(milliseconds));

/** Any date of 1990 to 2060, month ends and leap days more often. */
export const anyDate: fc.Arbitrary<string> = fc
  .tuple(
    fc.integer({ min: 1990, max: 2060 }),
    fc.integer({ min: 1, max: 12 }),
    fc.oneof(fc.integer({ min: 1, max: 28 }), fc.integer({ min: 28, max: 31 })),
  )
  .map(([year, month, day]) => new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10));

const anyInterval = fc.constantFrom<Interval>('weekly', 'monthly', 'quarterly', 'semiannual', 'yearly');
const anyBillingTime = fc.constantFrom<BillingTime>('calendar', 'anniversary');

export const anyRule: fc.Arbitrary<PeriodRule> = fc
  .tuple(anyInterval, anyBillingTime, anyDate)
  .map(([interval, billingTime, anchor]) => ruleOf(interval, billingTime, anchor));

const THREE_YEARS = 3 * 366 * 86_400_000;

/**
 * Any active subscription: every plan, started at its anchor or up to three years later (an upgrade, a re-creation).
 */
export const anySubscription: fc.Arbitrary<SubscriptionTerms> = fc
  .record({
    interval: anyInterval,
    billingTime: anyBillingTime,
    payInAdvance: fc.boolean(),
    billChargesMonthly: fc.boolean(),
    billFixedChargesMonthly: fc.boolean(),
    subscriptionAt: fc.oneof(
      anyInstant,
      anyDate.map((date) => new Date(`${date}T12:00:00Z`)),
    ),
    startsAfter: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: THREE_YEARS })),
  })
  .map(({ startsAfter, ...given }) =>
    subscription({ ...given, startedAt: new Date(given.subscriptionAt.getTime() + startsAfter) }),
  );
