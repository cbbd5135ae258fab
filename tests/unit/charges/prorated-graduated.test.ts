import { expect, test } from '@jest/globals';
import type { ChargeUsage } from '../../../billing/charges/charge-amount.ts';
import { priceUnits } from '../../../billing/charges/charge-model.ts';
import type { GraduatedRange } from '../../../billing/charges/graduated.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

const range = (fromValue: number, toValue: number | null, perUnit: number, flat: number): GraduatedRange => ({
  fromValue,
  toValue,
  perUnitAmount: new Decimal(perUnit),
  flatAmount: new Decimal(flat),
});
const T2 = [range(0, 5, 10, 100), range(6, null, 5, 50)];
const T3 = [range(0, 5, 10, 100), range(6, 15, 5, 50), range(16, null, 2, 0)];

function price(ranges: readonly GraduatedRange[], full: readonly number[], prorated: readonly (number | Decimal)[]) {
  const usage: ChargeUsage = {
    units: Decimal.sum(0, ...prorated),
    fullUnits: Decimal.sum(0, ...full),
    eventsCount: BigInt(full.length),
    proratedSteps: full.map((value, index) => ({ full: new Decimal(value), prorated: new Decimal(prorated[index]!) })),
  };
  return priceUnits({ chargeModel: 'graduated', ranges }, usage, { currency: 'EUR', pricingUnit: null });
}

// Spec, usage 5.5.
test.each<[readonly GraduatedRange[], readonly number[], readonly number[], number]>([
  [T2, [5, 5, 10, -6], [3.5, 2.66667, 2, -2.2], 197.33],
  [T2, [2, 5, 10, -6], [1.4, 2.66667, 2, -2.2], 184.33],
  [T2, [1, 4, 1, -5, -1], [0.7097, 1.54839, 0.2258, -0.80645, -0.0645], 165.81],
  [T2, [5, -2], [3.5, -1], 125],
  [T2, [4, 2, -3], [2.8, 1, -0.6], 180.5],
  [T2, [5, 2, -4, 10], [3.5, 1, -1.6, 2], 190],
  [T2, [5, -100], [2, -33.33], 0],
  [T2, [1], [0.7], 107],
  [T3, [2, 5, 10, -6, 4, 60], [1.4, 2.5, 2, -2.2, 0.667, 2], 191.335],
  [T3, [75], [75], 370],
])('%#: steps of %j full and %j prorated units', (ranges, full, prorated, amount) => {
  expect(price(ranges, full, prorated).amount.toDecimalPlaces(3).minus(amount).abs().toNumber()).toBeLessThan(0.01);
});

test.each<[string, readonly number[], number]>([
  ['nothing', [], 100],
  ['2 more on the 10th', [2], 114],
  ['5 more on the 16th', [2, 5], 184],
  ['6 fewer on the 20th', [2, 5, -6], 165.67],
  ['10 more on the 25th', [2, 5, -6, 10], 179.67],
  ['4 more on the 26th', [2, 5, -6, 10, 4], 183],
  ['60 more on the 30th', [2, 5, -6, 10, 4, 60], 187],
])('a September: %s', (_, full, amount) => {
  const days = [21, 15, 11, 6, 5, 1];
  const prorated = full.map((value, index) => new Decimal(value).times(days[index]!).div(30));
  expect(price(T3, full, prorated).amount.toDecimalPlaces(2).toNumber()).toBe(amount);
});

test('what lasts no day is left out; a unit costs what the full units cost together', () => {
  const gone = price(T2, [1, -1, 1], [0, 0, 0.5]);
  expect([gone.amount.toNumber(), gone.unitAmount.toNumber()]).toEqual([105, 105]);
  expect(price(T2, [1], [0]).amount.toNumber()).toBe(100);
  expect(gone.amountDetails).toEqual({});
});
