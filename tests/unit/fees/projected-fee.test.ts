import { describe, expect, test } from '@jest/globals';
import { pricingOf } from '../../../billing/charges/properties.ts';
import type { ChargeModel } from '../../../billing/charges/charge-model.ts';
import { passedPart, projectedFee } from '../../../billing/fees/projected-fee.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

const MARCH = {
  from: new Date('2024-03-01T00:00:00Z'),
  to: new Date('2024-03-31T23:59:59.999Z'),
  timeZone: 'UTC',
};

describe('the part of a period that has passed, today included', () => {
  test.each([
    ['2024-03-01T00:00:00Z', 1],
    ['2024-03-10T12:00:00Z', 10],
    ['2024-03-31T08:00:00Z', 31],
    ['2024-04-20T08:00:00Z', 31],
    ['2024-02-20T08:00:00Z', 1],
  ])('%s: %d of 31 days', (now, days) => {
    expect(passedPart(MARCH, new Date(now)).toFixed(10)).toBe(new Decimal(days).div(31).toFixed(10));
  });

  test('days are those of the customer', () => {
    const tokyo = {
      from: new Date('2024-02-29T15:00:00Z'),
      to: new Date('2024-03-31T14:59:59.999Z'),
      timeZone: 'Asia/Tokyo',
    };
    expect(passedPart(tokyo, new Date('2024-03-10T15:30:00Z')).times(31).toFixed(5)).toBe('11.00000');
  });
});

const RANGES = [
  { from_value: 0, to_value: 10, per_unit_amount: '1', flat_amount: '2' },
  { from_value: 11, to_value: null, per_unit_amount: '0.5', flat_amount: '3' },
];
const PART = new Decimal('0.25');

const project = (chargeModel: ChargeModel, properties: object, units: string, preciseAmountCents = '0') =>
  projectedFee(
    {
      units: new Decimal(units),
      amountCents: 0n,
      preciseAmountCents: new Decimal(preciseAmountCents),
      pricingUnit: null,
    },
    pricingOf(chargeModel, properties),
    PART,
    'EUR',
  );

// Spec, usage 7.3: after a quarter of the period.
test.each([
  ['standard', { amount: '2' }, '5', '20', 4000n],
  ['standard', { amount: '2' }, '1.333', '5.33', 1066n],
  ['standard', { amount: '2' }, '-5', '0', 0n],
  ['package', { amount: '10', package_size: 7, free_units: 6 }, '5', '20', 2000n],
  ['package', { amount: '10', package_size: 7, free_units: 6 }, '0', '0', 0n],
  ['volume', { volume_ranges: RANGES }, '5', '20', 1300n],
  ['graduated', { graduated_ranges: RANGES }, '5', '20', 2000n],
  ['graduated', { graduated_ranges: RANGES }, '2', '8', 1000n],
  ['graduated', { graduated_ranges: RANGES }, '0', '0', 0n],
] as const)('%s: %j and %s units are %s units, %d cents', (model, properties, units, projected, cents) => {
  const projection = project(model, properties, units);
  expect([projection.units.toFixed(), projection.amountCents]).toEqual([projected, cents]);
});

test('what depends on single events grows in proportion, rounded to cents once', () => {
  expect(project('percentage', { rate: '1', fixed_amount: '0.10' }, '5', '33.4').amountCents).toBe(134n);
  expect(project('dynamic', {}, '5', '-33.4').amountCents).toBe(0n);
  expect(project('dynamic', {}, '0', '33.4').amountCents).toBe(134n);
});
