import type { Flight } from '../scripts/sample-story/flights.ts';

/**
 * The plan in whole numbers: money is counted in 1/100,000 of a dollar, in which every price is exact. 250 dollars a
 * month, and miles by ranges, each with a price a mile and an amount that is due once it is reached.
 */
const PARTS_PER_CENT = 1000n;
const MONTHLY_FEE_CENTS = 250_00;
const RANGES = [
  { from: 0, to: 10_000, perMile: '0.025', once: '2.50' },
  { from: 10_001, to: 1_000_000, perMile: '0.0185', once: '4.95' },
  { from: 1_000_001, to: null, perMile: '0.00745', once: '99.95' },
] as const;

/** What leaves airports is measured by. */
export const METRIC = {
  name: 'Miles',
  code: 'miles',
  aggregation_type: 'sum_agg',
  field_name: 'distance',
} as const;

/** The body of `POST /plans`. */
export const planBody = (code: string, metricId: string) => ({
  ...{ name: 'Airport', code, interval: 'monthly', amount_cents: MONTHLY_FEE_CENTS, amount_currency: 'USD' },
  pay_in_advance: false,
  charges: [
    {
      billable_metric_id: metricId,
      charge_model: 'graduated',
      properties: {
        graduated_ranges: RANGES.map(({ from, to, perMile, once }) => ({
          ...{ from_value: from, to_value: to, per_unit_amount: perMile, flat_amount: once },
        })),
      },
    },
  ],
});

/** What left an airport in a month. */
export interface AirportMonth {
  readonly airportCode: string;
  /** `YYYY-MM-DD`, the first day of the next month: that of its invoice. */
  readonly billedOn: string;
  flights: number;
  miles: number;
}

/** Adds flights to the months of their airports. */
export function addFlights(months: Map<string, AirportMonth>, flights: readonly Flight[]): void {
  for (const { origin, departedAt, distance } of flights) {
    const departure = new Date(departedAt * 1000);
    const next = Date.UTC(departure.getUTCFullYear(), departure.getUTCMonth() + 1, 1);
    const billedOn = new Date(next).toISOString().slice(0, 10);
    const key = `${origin} ${billedOn}`;
    const month = months.get(key) ?? { airportCode: origin, billedOn, flights: 0, miles: 0 };
    month.flights += 1;
    month.miles += distance;
    months.set(key, month);
  }
}

const partsOf = (dollars: string): bigint => {
  const [whole = '', fraction = ''] = dollars.split('.');
  return BigInt(whole + fraction.padEnd(5, '0'));
};

/**
 * What so many miles of a month cost: half a cent and more is a cent, and the first range is always reached.
 *
 * @example milesCents(10_001) // 250.00 + 2.50 + 0.0185 + 4.95 dollars: 25_747
 */
export function milesCents(miles: number): number {
  let parts = 0n;
  for (const { from, to, perMile, once } of RANGES) {
    const below = Math.max(from - 1, 0);
    if (below > 0 && miles <= below) break;
    parts += BigInt(Math.min(miles, to ?? miles) - below) * partsOf(perMile) + partsOf(once);
  }
  return Number((parts + PARTS_PER_CENT / 2n) / PARTS_PER_CENT);
}

/** What the month of an airport costs. */
export const monthCents = (miles: number): number => MONTHLY_FEE_CENTS + milesCents(miles);
