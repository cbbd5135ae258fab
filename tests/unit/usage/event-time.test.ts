import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseEventTime } from '../../../billing/usage/event-time.ts';

describe('the timestamp of an event', () => {
  test.each([
    ['1780586634.1', 1780586634100000n],
    [1780586634.1, 1780586634100000n],
    ['1651240791.123456', 1651240791123456n],
    ['1651240791.1234569', 1651240791123456n],
    [0, 0n],
    ['0.000001', 1n],
    ['-0.0000001', -1n],
    ['1.5e9', 1500000000000000n],
    ['.5', 500000n],
    ['-62135596800', -62135596800000000n],
    ['253402300799.999999', 253402300799999999n],
  ])('%p is %p microseconds', (sent, microseconds) => {
    expect(parseEventTime(sent)).toBe(microseconds);
  });

  test.each([
    ['2022-08-08T00:00:00Z'],
    ['yesterday'],
    [''],
    [' 1'],
    ['1 '],
    ['1,5'],
    ['0x10'],
    ['1_000'],
    ['Infinity'],
  ])('%p is no number of seconds', (sent) => {
    expect(parseEventTime(sent)).toBe('invalid_format');
  });

  test.each([[true], [{}], [[1]], [Number.NaN], ['1'.repeat(51)], ['1e10000']])('%p is refused', (sent) => {
    expect(parseEventTime(sent)).toBe('invalid_format');
  });

  test.each([
    ['-62135596800.000001'],
    ['253402300800'],
    [253402300800],
    ['1e300'],
    [-1e300],
    // Milliseconds, as `Date.now()` gives them.
    [1651240791123],
    ['1651240791123'],
    ['1.651240791123e12'],
    ['1651240791123456'],
  ])('%p is not of the years 1 to 9999', (sent) => {
    expect(parseEventTime(sent)).toBe('value_is_out_of_range');
  });

  test('six digits after the point come back exactly', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 253_402_300_799_999_999n), (microseconds) => {
        const digits = microseconds.toString().padStart(7, '0');
        expect(parseEventTime(`${digits.slice(0, -6)}.${digits.slice(-6)}`)).toBe(microseconds);
      }),
    );
  });
});
