import { alignedColumns, type TableLine } from './aligned-columns.ts';
import { dollars, groupedNumber } from './amounts.ts';
import { sumOfCents, type BilledAirport } from './billed-airports.ts';
import { MONTHS } from './price-list.ts';

const CITY_WIDTH_MAX = 22;

/**
 * The first airports in a row each, the others in one row, and the sum of all.
 *
 * @param shown rows of single airports.
 * @returns the lines of the table.
 */
export function billingTable(billed: readonly BilledAirport[], shown: number): readonly string[] {
  const others = billed.slice(shown);
  const lines: TableLine[] = [
    ['Airport', 'Flights', 'Miles', ...MONTHS.map(({ name }) => name), 'Total'],
    'rule',
    ...billed.slice(0, shown).map((one) => row(nameOf(one), [one])),
    ...(others.length === 0 ? [] : [row(`${others.length} others`, others)]),
    'rule',
    row(`All ${billed.length}`, billed),
  ];
  return alignedColumns(lines, 1);
}

function row(name: string, airports: readonly BilledAirport[]): readonly string[] {
  const sumOf = (value: (airport: BilledAirport) => number): bigint =>
    airports.reduce((sum, airport) => sum + BigInt(value(airport)), 0n);
  const ofMonth = (index: number) => airports.flatMap(({ months }) => months.slice(index, index + 1));
  return [
    name,
    groupedNumber(sumOf(({ traffic }) => traffic.flights)),
    groupedNumber(sumOf(({ traffic }) => traffic.miles)),
    ...MONTHS.map((_, index) => dollars(sumOfCents(ofMonth(index)))),
    dollars(sumOfCents(airports.flatMap(({ months }) => months))),
  ];
}

function nameOf({ airport: { code, city } }: BilledAirport): string {
  return `${code} ${city.length > CITY_WIDTH_MAX ? `${city.slice(0, CITY_WIDTH_MAX - 1)}…` : city}`;
}
