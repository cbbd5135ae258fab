// Current usage of charges in advance (spec, usage 6.8).
import { expect, test } from '@jest/globals';
import { paidUsage } from '../../../billing/instant-charges/paid-usage.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

const decimal = (value: number): Decimal => new Decimal(value);
const used = (units: number) => ({ units: decimal(units), eventsCount: 1n });
const paid = (current: number, highest: number, highestProrated = 0) => ({
  current: decimal(current),
  highest: decimal(highest),
  highestProrated: decimal(highestProrated),
});

test.each([
  ['the example of the rules', used(9), paid(4, 6, 3.8), { days: 30, periodDays: 30 }, 8.8, 9],
  ['not prorated', used(9), paid(4, 6), null, 11, 9],
  ['after it went down', used(5), paid(5, 10), null, 10, 5],
  ['below nothing', used(-3), paid(-3, 2), null, 2, 0],
  ['in a part of a period', used(0), paid(0, 1, 0.24138), { days: 7, periodDays: 29 }, 0.24138, 0],
  ['what is not paid, in a part of a period', used(3), paid(1, 1, 0.5), { days: 10, periodDays: 30 }, 1.16667, 3],
])('shows what is there and prices what was paid: %s', (_, usage, levels, proration, priced, shown) => {
  expect(paidUsage(usage, levels, proration)).toMatchObject({ units: decimal(priced), fullUnits: decimal(shown) });
});

test('prices all that is there while nothing is paid', () => {
  const prorated = { ...used(1.5), fullUnits: decimal(3) };
  expect(paidUsage(prorated, null, { days: 15, periodDays: 30 })).toBe(prorated);
  expect(paidUsage(prorated, null, { days: 30, periodDays: 30 })).toMatchObject({ units: decimal(3) });
});
