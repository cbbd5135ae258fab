/** The first day that is billed, and the moment at which the last period has ended. */
export const STORY_START = '2001-01-01T00:00:00Z';
export const STORY_END = '2001-04-01T00:00:00Z';

/** The billed months by the day of their invoice: in arrears, on the day after. */
export const MONTHS = [
  { name: 'January', firstDay: '2001-01-01', billedOn: '2001-02-01' },
  { name: 'February', firstDay: '2001-02-01', billedOn: '2001-03-01' },
  { name: 'March', firstDay: '2001-03-01', billedOn: '2001-04-01' },
] as const;

export const CURRENCY = 'USD';
export const PLAN_CODE = 'airport';

/** Codes of the two metrics: a code belongs to one metric, so a flight is one event for each. */
export const FLIGHTS = 'flights';
export const MILES = 'miles';

/** The body of `POST /admin/organizations`. */
export const ORGANIZATION = { name: 'Flights 2001', test_mode: true, default_currency: CURRENCY, country: 'US' };

/** The bodies of `POST /billable_metrics`. */
export const METRICS = [
  {
    name: 'Flights',
    code: FLIGHTS,
    aggregation_type: 'count_agg',
    description: 'Departures',
  },
  {
    name: 'Miles',
    code: MILES,
    aggregation_type: 'sum_agg',
    field_name: 'distance',
    description: 'Miles from here to the destinations',
  },
] as const;

const BASE_FEE_CENTS = 25_000;

/** Currency units. */
const PER_FLIGHT = '3.475';

/** Prices in parts of a cent, so that rounding shows. */
const MILE_RANGES = [
  { from_value: 0, to_value: 1000, per_unit_amount: '0.025', flat_amount: '2.50' },
  { from_value: 1001, to_value: 10_000, per_unit_amount: '0.0185', flat_amount: '4.95' },
  { from_value: 10_001, to_value: 100_000, per_unit_amount: '0.0119', flat_amount: '24.95' },
  { from_value: 100_001, to_value: null, per_unit_amount: '0.00745', flat_amount: '99.95' },
] as const;

/** The body of `POST /plans`. @param metricIds by code. */
export const planBody = (metricIds: ReadonlyMap<string, string>) => ({
  name: 'Airport',
  code: PLAN_CODE,
  interval: 'monthly',
  amount_cents: BASE_FEE_CENTS,
  amount_currency: CURRENCY,
  pay_in_advance: false,
  charges: [
    {
      billable_metric_id: metricIds.get(FLIGHTS),
      charge_model: 'standard',
      properties: { amount: PER_FLIGHT },
    },
    {
      billable_metric_id: metricIds.get(MILES),
      charge_model: 'graduated',
      properties: { graduated_ranges: MILE_RANGES },
    },
  ],
});

/** The plan in words, a line each. */
export const PRICE_LINES: readonly string[] = [
  `$${BASE_FEE_CENTS / 100} a month, $${PER_FLIGHT} a flight, and by the miles of its flights:`,
  ...MILE_RANGES.map(({ from_value: from, to_value: to, per_unit_amount: each, flat_amount: flat }) => {
    const range = to === null ? `from ${grouped(from)}` : `${grouped(from)} to ${grouped(to)}`;
    return `  ${range.padEnd(18)} $${each.padEnd(7)} a mile, and $${flat} once the range is reached`;
  }),
];

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
