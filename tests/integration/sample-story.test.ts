/**
 * The sample story, told as at a first start but killed twice on the way; then every invoice is recomputed from the
 * file.
 *
 * @inOrder Each test goes on with what the one before it left.
 */
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { runSampleStory, type SampleStoryMemory, type SampleStoryResult } from '../../scripts/sample-story.ts';
import { billingTruth } from '../support/billing-truth.ts';
import { runningDurabill, type RunningDurabill } from '../support/processes/running-durabill.ts';

/*
 * The plan once more, in whole numbers: money is counted in 1/100,000 of a dollar, in which every price is exact. 250 dollars a
 * month, 3.475 a flight, and miles by ranges, each with a price a mile and an amount that is due once.
 */
const PARTS_PER_CENT = 1000n;
const MONTHLY_FEE = 250_00000n;
const PER_FLIGHT = 3_47500n;
const RANGES = [
  { upTo: 1_000n, perMile: 2_500n, once: 2_50000n },
  { upTo: 10_000n, perMile: 1_850n, once: 4_95000n },
  { upTo: 100_000n, perMile: 1_190n, once: 24_95000n },
  { upTo: null, perMile: 745n, once: 99_95000n },
] as const;

/** The day of the invoice for the month in which a flight left. */
const BILLED_ON: Readonly<Record<string, string>> = {
  '2001/01': '2001-02-01',
  '2001/02': '2001-03-01',
  '2001/03': '2001-04-01',
};

/** What left an airport in a month. */
interface Usage {
  readonly flights: bigint;
  readonly miles: bigint;
}

/** Half a cent and more is a cent. */
const inCents = (parts: bigint): bigint => (parts + PARTS_PER_CENT / 2n) / PARTS_PER_CENT;

const flightsCents = (flights: bigint): bigint => inCents(flights * PER_FLIGHT);

/**
 * A range is paid as soon as it is reached, the first one always; its miles are those above the end of the one before.
 */
function milesCents(miles: bigint): bigint {
  let parts = 0n;
  let below = 0n;
  for (const { upTo, perMile, once } of RANGES) {
    const end = upTo === null || miles < upTo ? miles : upTo;
    parts += (end - below) * perMile + once;
    if (end === miles) break;
    below = end;
  }
  return inCents(parts);
}

const totalCents = ({ flights, miles }: Usage): bigint =>
  inCents(MONTHLY_FEE) + flightsCents(flights) + milesCents(miles);

const keyOf = (airport: string, day: string): string => `${airport} ${day}`;

/** Every airport of the file in every month, also where no flight left it, by airport and day of the invoice. */
function usageInFile(): ReadonlyMap<string, Usage> {
  const file = join(dirname(findPackageJSON('vega-datasets', import.meta.url) ?? ''), 'data', 'flights-20k.json');
  const flights = JSON.parse(readFileSync(file, 'utf8')) as { date: string; origin: string; distance: number }[];
  const usage = new Map<string, Usage>();
  for (const airport of new Set(flights.map(({ origin }) => origin))) {
    for (const day of Object.values(BILLED_ON)) usage.set(keyOf(airport, day), { flights: 0n, miles: 0n });
  }
  for (const { date, origin, distance } of flights) {
    const key = keyOf(origin, BILLED_ON[date.slice(0, 7)] ?? date);
    const before = usage.get(key) ?? { flights: 0n, miles: 0n };
    usage.set(key, { flights: before.flights + 1n, miles: before.miles + BigInt(distance) });
  }
  return usage;
}

const usage = usageInFile();
const INVOICES = 660;
const KILL_AFTER_BATCHES = 120;
const KILL_AFTER_LOOKS = 3;

let durabill: RunningDurabill;
let memory: SampleStoryMemory | undefined;
let organizationsMade = 0;
let output = '';

/** Tells the story, or goes on with it. @param kill ends it with the request to which it says yes. */
function tell(kill: (request: string) => boolean = () => false): Promise<SampleStoryResult> {
  const killed = new AbortController();
  const { promise: death, reject: die } = Promise.withResolvers<never>();
  killed.signal.addEventListener('abort', () => die(new Error('killed')));
  return runSampleStory({
    apiUrl: durabill.url,
    adminKey: durabill.adminKey,
    temporalUiUrl: null,
    output: (text) => (output += text),
    memory: { read: () => Promise.resolve(memory), write: (kept) => Promise.resolve(void (memory = kept)) },
    signal: killed.signal,
    fetch: (input, init = {}) => {
      killed.signal.throwIfAborted();
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      const request = `${init.method} ${pathname}`;
      if (request === 'POST /admin/organizations') organizationsMade += 1;
      // What was sent before the kill still reaches the server, but nobody is there any more to hear the answer.
      const answer = fetch(input, { ...init, signal: null });
      if (kill(request)) killed.abort();
      return Promise.race([answer, death]);
    },
  });
}

interface InvoiceJson {
  readonly number: string;
  readonly issuing_date: string;
  readonly status: string;
  readonly currency: string;
  readonly fees_amount_cents: number;
  readonly taxes_amount_cents: number;
  readonly total_amount_cents: number;
  readonly customer: { readonly external_id: string };
}

async function invoicesOfApi(): Promise<readonly InvoiceJson[]> {
  const response = await fetch(`${durabill.url}/api/v1/invoices?per_page=1000`, {
    headers: { authorization: `Bearer ${memory?.apiKey}` },
  });
  return ((await response.json()) as { invoices: InvoiceJson[] }).invoices;
}

/**
 * The lines of every invoice, as stored: reading 660 invoices one by one over HTTP takes longer than all other tests
 * here.
 */
async function storedLines(): Promise<Readonly<Record<string, unknown>>> {
  const client = new Client({ connectionString: durabill.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ external_id: string; day: string; lines: unknown }>(
      `select customers.external_id, invoices.issuing_date::text as day,
              json_agg(json_build_object('code', coalesce(metric.code, fees.fee_type), 'units', fees.units::float,
                                         'events', fees.events_count, 'cents', fees.amount_cents)
                       order by coalesce(metric.code, fees.fee_type)) as lines
       from fees
       join invoices on invoices.id = fees.invoice_id
       join customers on customers.id = fees.customer_id
       left join charges on charges.id = fees.charge_id
       left join billable_metrics metric on metric.id = charges.billable_metric_id
       where fees.organization_id = $1
       group by 1, 2`,
      [memory?.organizationId],
    );
    return Object.fromEntries(rows.map(({ external_id: airport, day, lines }) => [keyOf(airport, day), lines]));
  } finally {
    await client.end();
  }
}

/**
 * The lines that an invoice must have: without flights none for them, but the first range of miles is paid all the
 * same.
 */
function expectedLines({ flights, miles }: Usage) {
  const line = (code: string, units: bigint, cents: bigint, events: bigint | null) => ({
    code,
    units: Number(units),
    events: events === null ? null : Number(events),
    cents: Number(cents),
  });
  return [
    ...(flights === 0n ? [] : [line('flights', flights, flightsCents(flights), flights)]),
    line('miles', miles, milesCents(miles), flights),
    line('subscription', 1n, inCents(MONTHLY_FEE), null),
  ];
}

const expectedForEach = <T>(make: (used: Usage) => T): Readonly<Record<string, T>> =>
  Object.fromEntries([...usage].map(([key, used]) => [key, make(used)]));

beforeAll(async () => {
  durabill = await runningDurabill();
}, 120_000);

afterAll(async () => {
  await durabill.stop();
}, 60_000);

describe('the sample story', () => {
  test('goes on where it was killed', async () => {
    let batches = 0;
    const whileSending = tell((request) => request === 'POST /api/v1/events/batch' && ++batches === KILL_AFTER_BATCHES);
    await expect(whileSending).rejects.toThrow();
    let looks = 0;
    const whileBilling = tell((request) => request === 'GET /api/v1/invoices' && ++looks === KILL_AFTER_LOOKS);
    await expect(whileBilling).rejects.toThrow();
    const { apiKey, organizationId } = await tell();

    expect(organizationsMade).toBe(1);
    const workflowUrl = expect.stringMatching(/\/workflows\/period%2F.*%2F2001-01-01$/);
    expect(memory).toEqual({ apiKey, organizationId, finished: true, workflowUrl });
    expect(await billingTruth(durabill.databaseUrl, organizationId)).toMatchObject({
      finalized: INVOICES,
      doubled: 0,
      unfinished: 0,
      holes: 0,
      failedActs: 0,
      withoutOpenPeriod: 0,
    });
  }, 240_000);

  test('is told once', async () => {
    const told = output;
    const requests: string[] = [];
    await tell((request) => requests.push(request) > 10);
    expect(output).toBe(told);
    expect(requests).toEqual(['GET /api/v1/test_clock']);
  });

  test('bills every airport for every month what its flights cost', async () => {
    const invoices = await invoicesOfApi();
    const said = invoices.map((invoice) => [
      keyOf(invoice.customer.external_id, invoice.issuing_date),
      {
        status: invoice.status,
        currency: invoice.currency,
        fees: invoice.fees_amount_cents,
        taxes: invoice.taxes_amount_cents,
        total: invoice.total_amount_cents,
      },
    ]);
    expect(invoices).toHaveLength(INVOICES);
    expect(Object.fromEntries(said)).toEqual(
      expectedForEach((used) => {
        const total = Number(totalCents(used));
        return { status: 'finalized', currency: 'USD', fees: total, taxes: 0, total };
      }),
    );
    expect(new Set(invoices.map(({ number }) => number)).size).toBe(INVOICES);
  });

  test('bills every line with its units and amount', async () => {
    expect(await storedLines()).toEqual(expectedForEach(expectedLines));
  });

  test('shows what it has billed', () => {
    const dollarsOn = (...days: readonly string[]): string => {
      const billed = [...usage].filter(([key]) => days.some((day) => key.endsWith(day)));
      const cents = billed.reduce((sum, [, used]) => sum + totalCents(used), 0n);
      return (Number(cents) / 100).toLocaleString('en-US', { style: 'currency', currency: 'USD' });
    };
    const days = Object.values(BILLED_ON);
    const miles = [...usage.values()].reduce((sum, used) => sum + used.miles, 0n);
    const lastRow = output.split('\n').find((line) => line.startsWith('  All 220 '));
    expect(lastRow?.trim().split(/ {2,}/)).toEqual([
      'All 220',
      '20,000',
      miles.toLocaleString('en-US'),
      ...days.map((day) => dollarsOn(day)),
      dollarsOn(...days),
    ]);
    expect(output).toContain(`660 invoices, together ${dollarsOn(...days)}`);
    expect(output).toContain(`curl -s -H 'Authorization: Bearer ${memory?.apiKey}' ${durabill.url}/api/v1/invoices/`);
  });
});
