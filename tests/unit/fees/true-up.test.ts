import { describe, expect, test } from '@jest/globals';
import { proratedMinimum, trueUp, type MinimumPeriod } from '../../../billing/fees/true-up.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

const february = (to: string, isUpgraded = false): MinimumPeriod => ({
  from: new Date('2023-02-01T00:00:00Z'),
  to: new Date(to),
  durationDays: 28,
  timeZone: 'UTC',
  isUpgraded,
});
const WHOLE = february('2023-02-28T23:59:59.999Z');
const TERMINATED = february('2023-02-25T06:00:00Z');
const UPGRADED = february('2023-02-25T06:00:00Z', true);

const EURO = { currency: 'EUR', pricingUnit: null } as const;

const fees = (...cents: string[]) =>
  cents.map((precise) => ({
    amountCents: BigInt(new Decimal(precise).toFixed(0)),
    preciseAmountCents: new Decimal(precise),
    pricingUnit: null,
  }));

const lacks = (minAmountCents: bigint, period: MinimumPeriod, used: string[]) => {
  const missing = trueUp(fees(...used), proratedMinimum(minAmountCents, period), EURO);
  return missing && [missing.amountCents, missing.preciseAmountCents.toDecimalPlaces(3).toFixed()];
};

describe('what a spending minimum lacks (spec, usage 6.9)', () => {
  test.each([
    ['a full month', 1000n, WHOLE, ['700'], [300n, '300']],
    ['a full month in which more was used', 1000n, WHOLE, ['1000'], null],
    ['a full month without events', 1000n, WHOLE, ['0'], [1000n, '1000']],
    ['25 days of 28', 1000n, TERMINATED, ['800'], [93n, '92.857']],
    ['25 days of 28, by filters', 10_000n, TERMINATED, ['2000', '5000', '0'], [1929n, '1928.571']],
    ['an upgrade, whose day is the next plan’s', 1000n, UPGRADED, ['800'], [57n, '57.143']],
    ['fees that were rounded', 1000n, WHOLE, ['699.6'], [300n, '300.4']],
    ['a charge without a minimum', 0n, WHOLE, ['0'], null],
  ] as const)('%s', (_, minAmountCents, period, used, expected) => {
    expect(lacks(minAmountCents, period, [...used])).toEqual(expected);
  });

  test('is one unit at that price', () => {
    expect(trueUp(fees('700'), proratedMinimum(1000n, WHOLE), EURO)).toEqual({
      units: new Decimal(1),
      amountCents: 300n,
      preciseAmountCents: new Decimal(300),
      unitAmountCents: 300n,
      preciseUnitAmount: new Decimal(3),
      pricingUnit: null,
    });
  });
});
