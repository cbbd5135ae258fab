import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ChargeAmount, ChargeUsage } from '../../../billing/charges/charge-amount.ts';
import { priceUnits } from '../../../billing/charges/charge-model.ts';
import { pricingOf } from '../../../billing/charges/properties.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

interface Free {
  readonly events?: number;
  readonly units?: string;
}

const propertiesOf = (rate: string, fixed: string, { events, units }: Free, bounds: object = {}): object => ({
  rate,
  fixed_amount: fixed,
  free_units_per_events: events,
  free_units_per_total_aggregation: units,
  ...bounds,
});

const price = (properties: object, usage: ChargeUsage): ChargeAmount =>
  priceUnits(pricingOf('percentage', properties), usage, { currency: 'EUR', pricingUnit: null });

const inPeriod = (...values: readonly (string | number)[]) =>
  values.map((value) => ({ value: new Decimal(value), isInPeriod: true }));

const sumOf = (...values: readonly (string | number)[]): ChargeUsage => ({
  units: Decimal.sum(0, ...values),
  eventsCount: BigInt(values.length),
  eventValues: inPeriod(...values),
});

const countOf = (count: number): ChargeUsage => ({
  units: new Decimal(count),
  eventsCount: BigInt(count),
  eventValues: 'one each',
});

describe('percentage charges', () => {
  // Spec, usage 3.10: 800 units of 4 events, whose values add up to 50, 150, 400 and 800.
  test.each<[Free, number, number, string]>([
    [{ events: 3, units: '250' }, 250, 2, '11.15'],
    [{ units: '250' }, 250, 2, '11.15'],
    [{ events: 3 }, 400, 3, '7.2'],
    [{ events: 3, units: '500' }, 400, 3, '7.2'],
    [{}, 0, 0, '18.4'],
  ])('%j free: %d units and %d events are, the rest costs %s', (free, units, events, amount) => {
    const result = price(propertiesOf('1.3', '2', free), sumOf(50, 100, 250, 400));
    expect(result.amount.toFixed()).toBe(amount);
    expect(result.amountDetails).toMatchObject({ free_units: `${units}.0`, free_events: events });
  });

  test.each([
    ['more events free than there are', propertiesOf('1.3', '2', { events: 5 }), sumOf(50, 100, 250), '0'],
    ['no units', propertiesOf('1.3', '2', { events: 3, units: '250' }), sumOf(), '0'],
    ['events of no units', propertiesOf('1.3', '2', {}), sumOf(0, 0), '0'],
    ['a rate alone', propertiesOf('2.9', '0', {}), countOf(4), '0.116'],
    ['an amount alone', propertiesOf('0', '2', {}), countOf(4), '8'],
    ['an event that lands on the free units', propertiesOf('1', '2', { units: '10' }), sumOf(4, 6, 10), '4.1'],
    ['one unit each, events free', propertiesOf('10', '1', { events: 3 }), countOf(5), '2.2'],
    ['one unit each, units free', propertiesOf('10', '1', { units: '2.5' }), countOf(5), '3.25'],
    ['one unit each, events free before units', propertiesOf('10', '1', { events: 3, units: '1' }), countOf(5), '2.2'],
  ])('%s', (_, properties, usage, amount) => {
    expect(price(properties, usage).amount.toFixed()).toBe(amount);
  });

  test('aggregations without values of events have no free units, only free events', () => {
    const usage = { units: new Decimal(100), eventsCount: 4n };
    expect(price(propertiesOf('1', '2', { events: 3, units: '50' }), usage).amount.toFixed()).toBe('3');
  });

  test('the details say how the amount came about', () => {
    const result = price(propertiesOf('1.3', '2', { units: '250' }), sumOf(50, 100, 250, 400));
    expect(result.amountDetails).toEqual({
      units: '800.0',
      free_units: '250.0',
      free_events: 2,
      paid_units: '550.0',
      rate: '1.3',
      per_unit_total_amount: '7.15',
      paid_events: 2,
      fixed_fee_unit_amount: '2.0',
      fixed_fee_total_amount: '4.0',
      min_max_adjustment_total_amount: '0.0',
    });
    expect(result.unitAmount.eq(new Decimal('11.15').div(800))).toBe(true);
  });
});

describe('percentage charges with a minimum and a maximum for each event', () => {
  const bounds = { per_transaction_min_amount: '1.75', per_transaction_max_amount: '12' };

  // Spec, usage 3.10.
  test.each<[string, Free, string]>([
    ['0', {}, '16.142'],
    ['2', {}, '18.691'],
    ['0', { events: 2 }, '12'],
    ['0', { units: '30' }, '13.794'],
    ['0', { events: 3, units: '10000' }, '2.691'],
  ])('a fixed amount of %s, %j free: %s', (fixed, free, amount) => {
    const result = price(propertiesOf('2.99', fixed, free, bounds), sumOf(10, 80, 10_000));
    expect(result.amount.toFixed()).toBe(amount);
  });

  test('without them the sum is what is priced', () => {
    expect(price(propertiesOf('2.99', '0', {}), sumOf(10, 80, 10_000)).amount.toFixed()).toBe('301.691');
  });

  test('the details say what they add', () => {
    const details = price(propertiesOf('2.99', '0', {}, bounds), sumOf(10, 80, 10_000)).amountDetails;
    expect(details).toMatchObject({ min_max_adjustment_total_amount: '-285.549' });
  });

  test('of what is carried over only the events of the period are priced', () => {
    const history = { value: new Decimal(1_000), isInPeriod: false };
    const usage = { units: new Decimal(1_100), eventsCount: 2n, eventValues: [history, ...inPeriod(100)] };
    expect(price(propertiesOf('10', '0', {}, bounds), usage).amount.toFixed()).toBe('10');
  });

  test('events of nothing cost the minimum as well', () => {
    expect(price(propertiesOf('10', '0', {}, bounds), sumOf(0, 0)).amount.toFixed()).toBe('3.5');
  });

  test('each event costs at least the minimum and at most the maximum, free ones aside', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2_000), { maxLength: 30 }), (values) => {
        const { amount } = price(propertiesOf('2.99', '0.5', {}, bounds), sumOf(...values));
        expect(amount.gte(new Decimal('1.75').times(values.length))).toBe(true);
        expect(amount.lte(new Decimal(12).times(values.length))).toBe(true);
      }),
    );
  });
});

describe('percentage charges, property', () => {
  const free = fc.record({ events: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }), units: fc.nat(80) });

  test.each([[{}], [{ per_transaction_min_amount: '0.9', per_transaction_max_amount: '1.2' }]])(
    'counted events cost what a list of ones does, with %j',
    (bounds) => {
      fc.assert(
        fc.property(free, fc.nat(12), ({ events, units }, count) => {
          const given = {
            ...(events && { events }),
            ...(units > 0 && { units: new Decimal(units).div(10).toFixed() }),
          };
          const properties = propertiesOf('10', '1', given, bounds);
          const listed = price(properties, sumOf(...Array<number>(count).fill(1)));
          const counted = price(properties, countOf(count));
          // Both free events and units: a count takes the events alone, a sum the smaller of the two (spec, usage 3.10).
          if (Object.keys(bounds).length === 0 && events && units > 0) return;
          expect(counted.amount.toFixed()).toBe(listed.amount.toFixed());
        }),
      );
    },
  );

  test('the details add up to the amount', () => {
    fc.assert(
      fc.property(free, fc.array(fc.nat(300), { maxLength: 12 }), ({ events, units }, values) => {
        const given = { ...(events && { events }), ...(units > 0 && { units: String(units) }) };
        const bounds = { per_transaction_max_amount: '1.5' };
        const { amount, amountDetails } = price(propertiesOf('1', '1', given, bounds), sumOf(...values));
        const details = amountDetails as Record<string, string>;
        const parts = ['per_unit_total_amount', 'fixed_fee_total_amount', 'min_max_adjustment_total_amount'];
        expect(Decimal.sum(0, ...parts.map((key) => details[key]!)).eq(amount)).toBe(true);
      }),
    );
  });
});
