import { describe, expect, test } from '@jest/globals';
import { pricingOf } from '../../../billing/charges/properties.ts';
import type { ChargeModel, ChargePricing } from '../../../billing/charges/charge-model.ts';
import { priceUnits } from '../../../billing/charges/charge-model.ts';
import { instantFee } from '../../../billing/instant-charges/instant-fee.ts';
import {
  NO_RUNNING_USAGE,
  type EventUnits,
  type RunningUsage,
} from '../../../billing/instant-charges/running-usage.ts';
import { amountToCents } from '../../../billing/money/cents.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

const summed = (value: number | string, amountCents: string | null = null): EventUnits => ({
  change: new Decimal(value),
  hasValue: true,
  amountCents: amountCents === null ? null : new Decimal(amountCents),
});
const counted: EventUnits = { change: new Decimal(1), hasValue: false, amountCents: null };

const EURO = { currency: 'EUR', pricingUnit: null } as const;

const feesOf = (pricing: ChargePricing, events: readonly EventUnits[]) => {
  let before: RunningUsage = NO_RUNNING_USAGE;
  return events.map((event) => {
    const fee = instantFee({ before, event, pricing, proration: null, money: EURO });
    before = fee.after;
    return fee;
  });
};

const range = (from: number, to: number | null, unit: string, flat: string) => ({
  from_value: from,
  to_value: to,
  per_unit_amount: unit,
  flat_amount: flat,
});

/** Spec, usage 6.3, its facts. */
const FACTS: readonly (readonly [
  what: string,
  model: ChargeModel,
  properties: object,
  events: readonly EventUnits[],
  fees: readonly (readonly [units: number, cents: bigint])[],
])[] = [
  [
    'a count',
    'standard',
    { amount: '10' },
    [counted, counted],
    [
      [1, 1000n],
      [1, 1000n],
    ],
  ],
  [
    'a sum that goes down',
    'standard',
    { amount: '1' },
    [10, -4, 8].map((v) => summed(v)),
    [
      [10, 1000n],
      [0, 0n],
      [4, 400n],
    ],
  ],
  [
    'a sum that begins below 0',
    'standard',
    { amount: '1' },
    [-4, 10].map((v) => summed(v)),
    [
      [0, 0n],
      [10, 1000n],
    ],
  ],
  [
    'packages',
    'package',
    { amount: '100', package_size: 2, free_units: 3 },
    [3, 1, 2].map((v) => summed(v)),
    [
      [3, 0n],
      [1, 10000n],
      [2, 10000n],
    ],
  ],
  [
    'tiers',
    'graduated',
    { graduated_ranges: [range(0, 5, '.02', '.01'), range(6, null, '.01', '.01')] },
    [3, 1, 2].map((v) => summed(v)),
    [
      [3, 7n],
      [1, 2n],
      [2, 4n],
    ],
  ],
  [
    'tiers that an event of nothing begins',
    'graduated',
    { graduated_ranges: [range(0, 5, '.02', '.01'), range(6, null, '.01', '.01')] },
    [0, 3].map((v) => summed(v)),
    [
      [0, 1n],
      [3, 6n],
    ],
  ],
  [
    'three events of one second',
    'graduated',
    { graduated_ranges: [range(0, 2, '0', '0'), range(3, null, '2', '0')] },
    [counted, counted, counted],
    [
      [1, 0n],
      [1, 0n],
      [1, 200n],
    ],
  ],
  [
    'free events',
    'percentage',
    { rate: '5', fixed_amount: '1', free_units_per_events: 2 },
    [8, 5, 3].map((v) => summed(v)),
    [
      [8, 0n],
      [5, 0n],
      [3, 115n],
    ],
  ],
  [
    'free units',
    'percentage',
    { rate: '5', fixed_amount: '1', free_units_per_total_aggregation: '120' },
    [100, 10, 20, 20].map((v) => summed(v)),
    [
      [100, 0n],
      [10, 0n],
      [20, 150n],
      [20, 200n],
    ],
  ],
  [
    'free units within the first event',
    'percentage',
    { rate: '5', fixed_amount: '1', free_units_per_total_aggregation: '3' },
    [5, 1].map((v) => summed(v)),
    [
      [5, 110n],
      [1, 105n],
    ],
  ],
  [
    'a minimum and a maximum',
    'percentage',
    { rate: '1', fixed_amount: '.5', per_transaction_min_amount: '1.75', per_transaction_max_amount: '2' },
    [100, 1000, 10000].map((v) => summed(v)),
    [
      [100, 175n],
      [1000, 200n],
      [10000, 200n],
    ],
  ],
  [
    'amounts of the events',
    'dynamic',
    {},
    [summed(5, '1234.56'), summed(1, '2.1')],
    [
      [5, 1235n],
      [1, 2n],
    ],
  ],
  ['a free count', 'percentage', { rate: '1', fixed_amount: '1', free_units_per_events: 1 }, [counted], [[1, 0n]]],
];

describe('the fee of one event', () => {
  test.each(FACTS)('follows from %s', (_what, model, properties, events, fees) => {
    const pricing = pricingOf(model, properties);
    expect(feesOf(pricing, events).map(({ units, amountCents }) => [units.toNumber(), amountCents])).toEqual(fees);
  });

  test('tells of two models how it came about', () => {
    const [, second] = feesOf(
      pricingOf('graduated_percentage', {
        graduated_percentage_ranges: [
          { from_value: 0, to_value: 100, rate: '20', flat_amount: '10' },
          { from_value: 101, to_value: null, rate: '30', flat_amount: '7' },
        ],
      }),
      [summed(50), summed(100)],
    );
    expect(second!.amountCents).toBe(3200n);
    expect(second!.amountDetails).toEqual({
      graduated_percentage_ranges: [
        {
          from_value: 0,
          to_value: 100,
          flat_unit_amount: '0.0',
          rate: '20.0',
          units: '50.0',
          per_unit_total_amount: '10.0',
          total_with_flat_amount: '10.0',
        },
        {
          from_value: 101,
          to_value: null,
          flat_unit_amount: '7.0',
          rate: '30.0',
          units: '50.0',
          per_unit_total_amount: '15.0',
          total_with_flat_amount: '22.0',
        },
      ],
    });
    const [percentage] = feesOf(pricingOf('percentage', { rate: '5', fixed_amount: '1' }), [summed(20)]);
    expect(percentage!.amountDetails).toMatchObject({ paid_events: '1.0', rate: '5.0', units: '20.0' });
    const [graduated] = feesOf(pricingOf('graduated', { graduated_ranges: [range(0, null, '1', '1')] }), [summed(2)]);
    expect(graduated!.amountDetails).toEqual({});
  });

  test('is that of the days that are left where the charge is prorated', () => {
    const fees = (price: string) =>
      [11, 12, 13, 14, 15].map((day) => {
        const proration = { days: 30 - day + 1, periodDays: 30 };
        const pricing = pricingOf('standard', { amount: price });
        const fee = instantFee({ before: NO_RUNNING_USAGE, event: summed(1), pricing, proration, money: EURO });
        return Number(fee.amountCents);
      });
    expect(fees('30')).toEqual([2000, 1900, 1800, 1700, 1600]);
    expect(fees('30.12')).toEqual([2008, 1908, 1807, 1707, 1606]);
  });
});

describe('the fees of a period', () => {
  const MODELS: readonly (readonly [ChargeModel, object])[] = [
    ['standard', { amount: '3' }],
    ['graduated', { graduated_ranges: [range(0, 50, '2', '7'), range(51, 200, '1', '5'), range(201, null, '3', '0')] }],
    ['package', { amount: '4', package_size: 7, free_units: 11 }],
    ['percentage', { rate: '50', fixed_amount: '1', free_units_per_events: 3, free_units_per_total_aggregation: '40' }],
    ['percentage', { rate: '100', fixed_amount: '2', free_units_per_events: 4, per_transaction_min_amount: '9' }],
    ['percentage', { rate: '100', free_units_per_total_aggregation: '33', per_transaction_max_amount: '6' }],
    [
      'graduated_percentage',
      {
        graduated_percentage_ranges: [
          { from_value: 0, to_value: 60, rate: '100', flat_amount: '2' },
          { from_value: 61, to_value: null, rate: '200', flat_amount: '5' },
        ],
      },
    ],
  ];

  test.each(MODELS)('of a %s charge add up to the price of all units: %j', (model, properties) => {
    const pricing = pricingOf(model, properties);
    for (let round = 0; round < 50; round++) {
      // Whole numbers, so that no fee is rounded.
      const values = Array.from({ length: 40 }, (_, at) => new Decimal(2 + 2 * ((at * 7 + round * 13) % 8)));
      const units = values.reduce((sum, value) => sum.plus(value));
      const total = priceUnits(
        pricing,
        { units, eventsCount: 40n, eventValues: values.map((value) => ({ value, isInPeriod: true })) },
        EURO,
      );
      const fees = feesOf(
        pricing,
        values.map((value) => summed(value.toString())),
      );
      expect(fees.reduce((sum, { amountCents }) => sum + amountCents, 0n)).toBe(amountToCents(total.amount, 'EUR'));
    }
  });

  test('keep of their events what all of them have used of what is free, however many they are', () => {
    const events = Array.from({ length: 1000 }, () => summed(1));
    const kept = (properties: object) =>
      feesOf(pricingOf('percentage', properties), events).at(-1)!.after.usedAllowance;
    expect(kept({ rate: '1' })).toBeNull();
    expect(kept({ rate: '1', free_units_per_events: 5 })).toMatchObject({ looked: 5, total: new Decimal(5) });
    expect(kept({ rate: '1', free_units_per_total_aggregation: '9' })).toMatchObject({
      looked: 10,
      below: 8,
      left: new Decimal(0),
    });
    expect(kept({ rate: '1', free_units_per_total_aggregation: '2000' })).toMatchObject({
      looked: 1000,
      total: new Decimal(1000),
    });
  });
});
