import { describe, expect, test } from '@jest/globals';
import { alignedColumns } from '../../../scripts/sample-story/aligned-columns.ts';
import { dollars, groupedNumber } from '../../../scripts/sample-story/amounts.ts';
import type { BilledAirport } from '../../../scripts/sample-story/billed-airports.ts';
import { billingTable } from '../../../scripts/sample-story/billing-table.ts';

const billed = (
  code: string,
  city: string,
  [flights, miles]: readonly [number, number],
  cents: readonly bigint[],
): BilledAirport => ({
  airport: { code, name: `${city} International`, city, state: null },
  traffic: { airportCode: code, flights, miles },
  months: cents.map((totalCents, month) => ({ invoiceId: `${code}-${month}`, totalCents })),
});

const AIRPORTS = [
  billed('DFW', 'Dallas-Fort Worth', [1103, 827_223], [416_994n, 410_288n, 442_247n]),
  billed('XNA', 'Fayetteville/Springdale/Rogers', [12, 5000], [30_001n, 30_002n, 30_003n]),
  billed('STX', 'Christiansted', [2, 2789], [25_250n, 25_250n, 30_005n]),
  billed('SCC', 'Deadhorse', [1, 626], [25_250n, 25_250n, 26_763n]),
];

describe('the table of what airports were billed', () => {
  test('has the first airports, the others together, and all', () => {
    expect(billingTable(AIRPORTS, 2)).toEqual([
      'Airport                     Flights    Miles    January   February      March       Total',
      '─'.repeat(89),
      'DFW Dallas-Fort Worth         1,103  827,223  $4,169.94  $4,102.88  $4,422.47  $12,695.29',
      'XNA Fayetteville/Springda…       12    5,000    $300.01    $300.02    $300.03     $900.06',
      '2 others                          3    3,415    $505.00    $505.00    $567.68   $1,577.68',
      '─'.repeat(89),
      'All 4                         1,118  835,638  $4,974.95  $4,907.90  $5,290.18  $15,173.03',
    ]);
  });

  test('has no row for others where there are none', () => {
    expect(billingTable(AIRPORTS, 4).filter((line) => line.includes('others'))).toEqual([]);
    expect(billingTable(AIRPORTS, 4)).toHaveLength(8);
  });
});

describe('aligned columns', () => {
  test('are as wide as their widest cell, words to the left and numbers to the right', () => {
    const lines = alignedColumns([['a', 'long', '1'], 'rule', ['long', 'b', '12'], ['c']], 2);
    expect(lines).toEqual(['a     long   1', '─'.repeat(14), 'long  b     12', 'c']);
  });
});

test.each([
  [0n, '0'],
  [999n, '999'],
  [1000n, '1,000'],
  [123_456n, '123,456'],
  [-1_234_567n, '-1,234,567'],
  [9_007_199_254_740_993n, '9,007,199,254,740,993'],
])('%s is shown as %s', (value, shown) => {
  expect(groupedNumber(value)).toBe(shown);
});

test.each([
  [0n, '$0.00'],
  [5n, '$0.05'],
  [100n, '$1.00'],
  [42_885_262n, '$428,852.62'],
  [-199n, '-$1.99'],
])('%s cents are shown as %s', (cents, shown) => {
  expect(dollars(cents)).toBe(shown);
});
