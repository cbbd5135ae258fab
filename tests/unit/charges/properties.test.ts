import { describe, expect, test } from '@jest/globals';
import { isChargeModel } from '../../../billing/charges/charge-model.ts';
import type { ChargeModel } from '../../../billing/charges/charge-model.ts';
import {
  checkProperties,
  defaultProperties,
  InvalidChargeProperties,
  pricingOf,
} from '../../../billing/charges/properties.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

function codesOf(chargeModel: ChargeModel, properties: unknown): readonly string[] {
  const checked = checkProperties(chargeModel, properties);
  return checked.valid ? [] : checked.codes;
}

function storedOf(chargeModel: ChargeModel, properties: unknown): unknown {
  const checked = checkProperties(chargeModel, properties);
  return checked.valid ? checked.properties : checked.codes;
}

describe('charge models', () => {
  test.each([
    ['standard', true],
    ['graduated', true],
    ['custom', false],
    [null, false],
    [0, false],
  ])('%p: %p', (value, known) => {
    expect(isChargeModel(value)).toBe(known);
  });
});

describe('properties of a standard charge', () => {
  test.each([[undefined], [null]])('%p: the default', (properties) => {
    expect(storedOf('standard', properties)).toEqual({ amount: '0' });
  });

  test('the amount is kept as sent, unknown keys are dropped', () => {
    const sent = { amount: '05.10', graduated_ranges: [], free_units: 3, colour: 'red' };
    expect(storedOf('standard', sent)).toEqual({ amount: '05.10' });
    expect(pricingOf('standard', { amount: '05.10' })).toEqual({ chargeModel: 'standard', amount: new Decimal('5.1') });
  });

  test.each([
    [{}],
    [{ amount: 5 }],
    [{ amount: null }],
    [{ amount: '-1' }],
    [{ amount: 'free' }],
    [{ amount: ['5'] }],
    [[]],
    ['5'],
    [5],
    [true],
  ])('%p has no valid amount', (properties) => {
    expect(codesOf('standard', properties)).toEqual(['invalid_amount']);
  });
});

type Row = Record<string, unknown>;
const money = { per_unit_amount: '1', flat_amount: '0' };
const row = (from_value: unknown, to_value: unknown, amounts: Row = money): Row => ({
  from_value,
  to_value,
  ...amounts,
});
const ranges = (...rows: readonly unknown[]): unknown => ({ graduated_ranges: rows });

describe('properties of a graduated charge', () => {
  test('the default is one range without a price', () => {
    expect(storedOf('graduated', undefined)).toEqual(defaultProperties('graduated'));
    expect(defaultProperties('graduated')).toEqual({
      graduated_ranges: [{ from_value: 0, to_value: null, per_unit_amount: '0', flat_amount: '0' }],
    });
  });

  test.each([[{}], [{ graduated_ranges: null }], [{ graduated_ranges: [] }], [{ graduated_ranges: 'none' }], [7]])(
    '%p has no ranges',
    (properties) => {
      expect(codesOf('graduated', properties)).toEqual(['missing_graduated_ranges']);
    },
  );

  test.each([
    ['one above the other', ranges(row(0, 10), row(11, 20), row(21, null))],
    ['adjacent', ranges(row(0, 10), row(10, 20), row(20, null))],
    ['mixed', ranges(row(0, 10), row(10, 20), row(21, null))],
    ['from 1', ranges(row(1, 10), row(11, null))],
    ['only one', ranges(row(0, null))],
    ['fractions', ranges(row(0, 0.1), row(0.1, 0.3), row(1.3, null))],
  ])('bounds %s are valid', (_, properties) => {
    expect(storedOf('graduated', properties)).toEqual(properties);
  });

  test.each([
    ['a gap', ranges(row(0, 10), row(12, null))],
    ['an overlap', ranges(row(0, 10), row(9, null))],
    ['a first range from 2', ranges(row(2, null))],
    ['a first range below 0', ranges(row(-1, null))],
    ['a last range with an end', ranges(row(0, 10), row(11, 20))],
    ['an earlier range without an end', ranges(row(0, null), row(11, null))],
    ['an empty range', ranges(row(0, 10), row(11, 11), row(12, null))],
    ['a range that runs backwards', ranges(row(0, 10), row(11, 5), row(6, null))],
    ['bounds as strings', ranges(row('0', '10'), row('11', null))],
    ['a missing lower bound', ranges(row(undefined, null))],
    ['a bound beyond exact numbers', ranges(row(0, 2 ** 53), row(2 ** 53, null))],
    ['bounds that are not numbers', ranges(row(NaN, null))],
  ])('%s is refused', (_, properties) => {
    expect(codesOf('graduated', properties)).toEqual(['invalid_graduated_ranges']);
  });

  test.each([
    ['a number', { per_unit_amount: 1, flat_amount: '0' }],
    ['a missing flat amount', { per_unit_amount: '1' }],
    ['a missing unit amount', { flat_amount: '1' }],
    ['a negative amount', { per_unit_amount: '1', flat_amount: '-1' }],
  ])('%s is refused once, however often it occurs', (_, amounts) => {
    expect(codesOf('graduated', ranges(row(0, 10, amounts), row(11, null, amounts)))).toEqual(['invalid_amount']);
  });

  test('all codes that apply are reported', () => {
    const sent = { graduated_ranges: [{}, 'no range'], pricing_group_keys: 'region' };
    expect(codesOf('graduated', sent)).toEqual(['invalid_amount', 'invalid_graduated_ranges', 'invalid_type']);
  });

  test('unknown keys of a range are dropped and a missing end is null', () => {
    const sent = ranges({ ...money, from_value: 0, rate: '3' });
    expect(storedOf('graduated', sent)).toEqual(ranges(row(0, null)));
  });

  test('the pricing holds decimals and the bounds of the JSON', () => {
    const sent = ranges(row(0, 0.5, { per_unit_amount: '0.10', flat_amount: '2' }), row(0.5, null));
    expect(pricingOf('graduated', sent)).toEqual({
      chargeModel: 'graduated',
      ranges: [
        { fromValue: 0, toValue: 0.5, perUnitAmount: new Decimal('0.1'), flatAmount: new Decimal(2) },
        { fromValue: 0.5, toValue: null, perUnitAmount: new Decimal(1), flatAmount: new Decimal(0) },
      ],
    });
  });
});

describe('properties of a volume charge', () => {
  const volume = (...rows: readonly unknown[]): unknown => ({ volume_ranges: rows });

  test.each([
    ['one above the other', volume(row(0, 10), row(11, 20), row(21, null))],
    ['with a unit left out', volume(row(1, 10), row(12, null))],
  ])('bounds %s are valid', (_, properties) => {
    expect(storedOf('volume', properties)).toEqual(properties);
  });

  test.each([
    ['adjacent', volume(row(0, 10), row(10, null)), 'invalid_volume_ranges'],
    ['a gap of two', volume(row(0, 10), row(13, null)), 'invalid_volume_ranges'],
    ['a first range from 2', volume(row(2, null)), 'invalid_volume_ranges'],
    ['no ranges', {}, 'missing_volume_ranges'],
    ['a number for an amount', volume(row(0, null, { per_unit_amount: 1, flat_amount: '0' })), 'invalid_amount'],
  ])('%s: %s', (_, properties, code) => {
    expect(codesOf('volume', properties)).toEqual([code]);
  });
});

describe('properties of a graduated percentage charge', () => {
  const rates = { rate: '1', flat_amount: '0' };
  const percentages = (...rows: readonly unknown[]): unknown => ({ graduated_percentage_ranges: rows });

  test.each([
    ['adjacent ranges', percentages(row(0, 10, rates), row(10, null, rates)), []],
    ['a gap', percentages(row(0, 10, rates), row(12, null, rates)), ['invalid_graduated_percentage_ranges']],
    ['no ranges', percentages(), ['missing_graduated_percentage_ranges']],
    ['neither rate nor flat amount', percentages(row(0, null, {})), ['invalid_amount', 'invalid_rate']],
    ['an amount a unit in place of the rate', percentages(row(0, null)), ['invalid_rate']],
  ])('%s: %j', (_, properties, codes) => {
    expect(codesOf('graduated_percentage', properties)).toEqual(codes);
  });
});

describe('properties of a package charge', () => {
  const good = { amount: '5', package_size: 10, free_units: 0 };

  test('are kept as sent', () => {
    expect(storedOf('package', { ...good, rate: '1' })).toEqual(good);
  });

  test.each([
    [{ ...good, amount: 5 }, ['invalid_amount']],
    [{ ...good, package_size: 0 }, ['invalid_package_size']],
    [{ ...good, package_size: '10' }, ['invalid_package_size']],
    [{ ...good, package_size: 1.5 }, ['invalid_package_size']],
    [{ ...good, free_units: -1 }, ['invalid_free_units']],
    [{ ...good, free_units: '0' }, ['invalid_free_units']],
    [{}, ['invalid_amount', 'invalid_package_size', 'invalid_free_units']],
  ])('%j: %j', (properties, codes) => {
    expect(codesOf('package', properties)).toEqual(codes);
  });
});

describe('properties of a percentage charge', () => {
  test('need a rate alone; what is null is left out', () => {
    expect(storedOf('percentage', { rate: '1', fixed_amount: null, amount: '3' })).toEqual({ rate: '1' });
    const all = {
      rate: '1',
      fixed_amount: '2',
      free_units_per_events: 3,
      free_units_per_total_aggregation: '4',
      per_transaction_min_amount: '1',
      per_transaction_max_amount: '1',
    };
    expect(storedOf('percentage', all)).toEqual(all);
    expect(storedOf('percentage', { rate: '1', per_transaction_min_amount: '' })).toEqual({
      rate: '1',
      per_transaction_min_amount: '',
    });
  });

  test.each([
    [{}, ['invalid_rate']],
    [{ rate: 1 }, ['invalid_rate']],
    [{ rate: '1', fixed_amount: '-1' }, ['invalid_fixed_amount']],
    [{ rate: '1', free_units_per_events: 0 }, ['invalid_free_units_per_events']],
    [{ rate: '1', free_units_per_events: '3' }, ['invalid_free_units_per_events']],
    [{ rate: '1', free_units_per_total_aggregation: 4 }, ['invalid_free_units_per_total_aggregation']],
    [{ rate: '1', per_transaction_min_amount: 'x' }, ['invalid_amount']],
    [{ rate: '1', per_transaction_max_amount: 3 }, ['invalid_amount']],
    [
      { rate: '1', per_transaction_min_amount: '3', per_transaction_max_amount: '2' },
      ['per_transaction_max_lower_than_per_transaction_min'],
    ],
  ])('%j: %j', (properties, codes) => {
    expect(codesOf('percentage', properties)).toEqual(codes);
  });
});

test('a dynamic charge has no properties of its own', () => {
  expect(storedOf('dynamic', { amount: '3', grouped_by: ['region'] })).toEqual({ grouped_by: ['region'] });
});

describe('group keys, for every model', () => {
  test.each([
    [{ pricing_group_keys: [] }],
    [{ grouped_by: [] }],
    [{ pricing_group_keys: ['region', 'cloud'] }],
    [{ grouped_by: ['region'] }],
    [{ presentation_group_keys: [] }],
    [{ presentation_group_keys: [{ value: 'region' }] }],
    [{ presentation_group_keys: [{ value: 'region', options: { display_in_invoice: false } }] }],
  ])('%p is kept', (keys) => {
    expect(storedOf('standard', { amount: '1', ...keys })).toEqual({ amount: '1', ...keys });
    expect(storedOf('graduated', { ...(ranges(row(0, null)) as Row), ...keys })).toEqual({
      ...(ranges(row(0, null)) as Row),
      ...keys,
    });
  });

  test('keys that are null count as absent', () => {
    const sent = { amount: '1', pricing_group_keys: null, grouped_by: null, presentation_group_keys: null };
    expect(storedOf('standard', sent)).toEqual({ amount: '1' });
  });

  test.each([
    [{ pricing_group_keys: 'region' }],
    [{ pricing_group_keys: {} }],
    [{ pricing_group_keys: [''] }],
    [{ pricing_group_keys: [' '] }],
    [{ grouped_by: [1] }],
    [{ grouped_by: [null] }],
    [{ presentation_group_keys: {} }],
    [{ presentation_group_keys: ['region'] }],
    [{ presentation_group_keys: [{ value: '' }] }],
    [{ presentation_group_keys: [{ value: 'a', colour: 'red' }] }],
    [{ presentation_group_keys: [{ value: 'a', options: {} }] }],
    [{ presentation_group_keys: [{ value: 'a', options: { display_in_invoice: 'yes' } }] }],
    [{ presentation_group_keys: [{ value: 'a', options: { display_in_invoice: true, more: 1 } }] }],
  ])('%p is of the wrong type', (keys) => {
    expect(codesOf('standard', { amount: '1', ...keys })).toEqual(['invalid_type']);
  });

  test('more than two presentation keys, and the same one twice', () => {
    const keys = (...values: readonly string[]): unknown => ({
      amount: '1',
      presentation_group_keys: values.map((value) => ({ value })),
    });
    expect(codesOf('standard', keys('a', 'b', 'c'))).toEqual(['too_many_keys']);
    expect(codesOf('standard', keys('a', 'a'))).toEqual(['value_is_duplicated']);
    expect(codesOf('standard', keys('a', 'b', 'a'))).toEqual(['too_many_keys', 'value_is_duplicated']);
  });
});

describe('stored properties', () => {
  test('those that do not pass are an error, not the default', () => {
    expect(() => pricingOf('standard', null)).toThrow(InvalidChargeProperties);
    expect(() => pricingOf('graduated', { amount: '1' })).toThrow('missing_graduated_ranges');
  });
});
