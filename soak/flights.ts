import { startInstallation, type Role } from '../bench/installation/installation.ts';
import { sql } from '../db/sql.ts';
import { readAirports } from '../scripts/sample-story/airports.ts';
import { countInvoices, keyOf, readInvoices } from '../scripts/sample-story/billed-airports.ts';
import { subscriptionOf, type FlightEvent } from '../scripts/sample-story/flight-events.ts';
import type { Flight } from '../scripts/sample-story/flights.ts';
import { inFlight } from '../scripts/sample-story/in-flight.ts';
import { PLAN_CODE } from '../scripts/sample-story/price-list.ts';
import { areAllTaken } from '../scripts/sample-story/send-flights.ts';
import { subscribeAirports } from '../scripts/sample-story/set-up.ts';
import { makeStoryApi, postOnce, type StoryApi, type StoryApiOptions } from '../scripts/sample-story/story-api.ts';
import { advanceTo, jumpToStart } from '../scripts/sample-story/test-clock.ts';
import { METRIC, addFlights, milesCents, monthCents, planBody, type AirportMonth } from './flight-bills.ts';
import { readFlightParts } from './flights-file.ts';

const BATCH_EVENTS = 100;
const CLIENTS = 8;
const FEES_A_PAGE = 100;

/** What was measured of a run in which everything held. */
export interface FlightFigures {
  readonly events: number;
  readonly requests: number;
  readonly invoices: number;
  readonly sendingSeconds: number;
  readonly billingSeconds: number;
  /** Of both APIs, before and after the kill, the larger one. */
  readonly apiMemoryMb: number;
}

/** Where the API is now. */
interface Server {
  url: string;
}

/**
 * Real flights as usage: an event each, in batches, every batch sent twice, half of them at the same moment. In the
 * middle the API is killed with -9 and started again; clients send what was not answered again. Then every month of
 * every airport is billed. No event may be lost or doubled, and each invoice must be what the file says.
 *
 * @param flights how many of the file's, from its beginning.
 * @throws Error that says what did not hold.
 */
export async function soakFlights(flights: number, tell: (text: string) => void): Promise<FlightFigures> {
  const months = await monthsInFile(flights);
  const installation = await startInstallation();
  try {
    const began = performance.now();
    let api = await installation.startApi();
    const server: Server = { url: api.url };
    await installation.startWorker();
    const story = await organizationOf(server, installation.adminKey);
    const airports = await subscribe(story, months);
    tell(`${airports} airports have subscribed`);
    let apiMemoryMb = 0;
    const remember = ({ peakMemoryMb }: Role): void => {
      apiMemoryMb = Math.max(apiMemoryMb, peakMemoryMb());
    };
    const killApi = async (): Promise<void> => {
      remember(api);
      await api.kill();
      api = await installation.startApi();
      server.url = api.url;
      tell('the API was killed with -9 and started again');
    };
    const sent = await sendTwice(story, flights, killApi);
    const sendingSeconds = secondsSince(began);
    tell(`${sent.requests} requests in ${sendingSeconds.toFixed(0)} s`);
    const [stored] = await sql<{ count: string }>(installation.orm.em.fork(), 'select count(*) from events', []);
    if (Number(stored?.count) !== flights) throw new Error(`${stored?.count} of ${flights} events are stored.`);
    const billingBegan = performance.now();
    const days = [...new Set(months.values().map(({ billedOn }) => billedOn))].toSorted();
    await advanceTo(story, `${days.at(-1)}T00:00:00Z`, () => countInvoices(story), undefined);
    const billingSeconds = secondsSince(billingBegan);
    const invoices = await assertBilled(story, months, days);
    remember(api);
    return { events: flights, requests: sent.requests, invoices, sendingSeconds, billingSeconds, apiMemoryMb };
  } finally {
    await installation.stop();
  }
}

const secondsSince = (began: number): number => (performance.now() - began) / 1000;

async function monthsInFile(flights: number): Promise<ReadonlyMap<string, AirportMonth>> {
  const months = new Map<string, AirportMonth>();
  for await (const part of readFlightParts(flights)) addFlights(months, part);
  return months;
}

/** An organization under a test clock, whose requests go to wherever the API is. */
async function organizationOf(server: Server, adminKey: string): Promise<StoryApi> {
  const options = (key: string): StoryApiOptions => ({
    baseUrl: '',
    key,
    fetch: (path, request) => fetch(`${server.url}${path as string}`, request),
    signal: undefined,
  });
  const { organization } = await postOnce<{ organization: { api_key: string } }>(
    options(adminKey),
    '/admin/organizations',
    { organization: { name: 'Flights', test_mode: true, default_currency: 'USD' } },
  );
  const api = makeStoryApi({ ...options(organization.api_key), baseUrl: '/api/v1' });
  await jumpToStart(api);
  return api;
}

/** @returns how many airports there are. */
async function subscribe(api: StoryApi, months: ReadonlyMap<string, AirportMonth>): Promise<number> {
  await api.post('/billable_metrics', { billable_metric: METRIC });
  const { billable_metric: metric } = await api.get<{ billable_metric: { lago_id: string } }>(
    `/billable_metrics/${METRIC.code}`,
  );
  await api.post('/plans', { plan: planBody(PLAN_CODE, metric.lago_id) });
  const known = await readAirports();
  const codes = new Set(months.values().map(({ airportCode }) => airportCode));
  const airports = [...codes].map((code) => known.get(code) ?? { code, name: code, city: code, state: null });
  await subscribeAirports(api, airports, () => undefined);
  return airports.length;
}

const eventOf = (flight: Flight): FlightEvent => ({
  transaction_id: `flight-${flight.number}`,
  external_subscription_id: subscriptionOf(flight.origin),
  code: METRIC.code,
  timestamp: flight.departedAt,
  properties: { destination: flight.destination, distance: flight.distance, delay: flight.delay },
});

/** @param inTheMiddle what happens, once, when half of the events have been sent. */
async function sendTwice(
  api: StoryApi,
  flights: number,
  inTheMiddle: () => Promise<void>,
): Promise<{ readonly requests: number }> {
  let requests = 0;
  let sent = 0;
  let middle: Promise<void> | undefined;
  for await (const part of readFlightParts(flights)) {
    const starts = Array.from({ length: Math.ceil(part.length / BATCH_EVENTS) }, (_, index) => index * BATCH_EVENTS);
    await inFlight(CLIENTS, starts, async (start) => {
      const events = part.slice(start, start + BATCH_EVENTS).map(eventOf);
      const send = () => api.post('/events/batch', { events }, (refused) => areAllTaken(refused, events.length));
      const isRace = (start / BATCH_EVENTS) % 2 === 0;
      const answers = isRace ? await Promise.all([send(), send()]) : [await send(), await send()];
      // None is granted where the answer was lost with the API that gave it.
      if (answers.every(({ refused }) => !refused)) throw new Error(`A batch was stored twice: ${start}.`);
      requests += answers.length;
      sent += events.length;
      if (sent >= flights / 2) middle ??= inTheMiddle();
    });
  }
  await middle;
  return { requests };
}

interface FeesPage {
  readonly fees: readonly {
    readonly external_subscription_id: string;
    readonly to_date: string;
    readonly units: string;
    readonly events_count: number;
    readonly amount_cents: number;
  }[];
  readonly meta: { readonly next_page: number | null };
}

/**
 * Compares every invoice and every usage fee with the file.
 *
 * @param days on which invoices are issued.
 * @returns how many invoices there are.
 */
async function assertBilled(
  api: StoryApi,
  months: ReadonlyMap<string, AirportMonth>,
  days: readonly string[],
): Promise<number> {
  const inFile = new Map(months.values().map((month) => [keyOf(month.airportCode, month.billedOn), month]));
  const airports = new Set(months.values().map(({ airportCode }) => airportCode));
  const invoices = await readInvoices(api, () => undefined);
  const wrong: string[] = [];
  for (const airport of airports) {
    for (const day of days) {
      const key = keyOf(airport, day);
      const [billed, right] = [invoices.get(key)?.totalCents, BigInt(monthCents(inFile.get(key)?.miles ?? 0))];
      if (billed !== right) wrong.push(`the invoice of ${key}: ${billed} instead of ${right}`);
    }
  }
  if (invoices.size !== airports.size * days.length) wrong.push(`${invoices.size} invoices`);
  let events = 0;
  for (let page: number | null = 1; page !== null;) {
    const { fees, meta }: FeesPage = await api.get(`/fees?fee_type=charge&page=${page}&per_page=${FEES_A_PAGE}`);
    for (const { external_subscription_id: id, to_date: to, ...fee } of fees) {
      const billedOn = new Date(Date.parse(to) + 1000).toISOString().slice(0, 10);
      const month = [...airports].filter((code) => subscriptionOf(code) === id).map((code) => keyOf(code, billedOn));
      const { flights = 0, miles = 0 } = inFile.get(month[0] ?? '') ?? {};
      const billed = `${fee.units} miles of ${fee.events_count} flights for ${fee.amount_cents}`;
      const right = `${miles}.0 miles of ${flights} flights for ${milesCents(miles)}`;
      if (billed !== right) wrong.push(`the fee of ${month.join()}: ${billed} instead of ${right}`);
      events += fee.events_count;
    }
    page = meta.next_page;
  }
  const right = inFile.values().reduce((sum, { flights }) => sum + flights, 0);
  if (events !== right) wrong.push(`${events} of ${right} flights are on fees`);
  if (wrong.length > 0) throw new Error(`${wrong.length} are wrong:\n${wrong.slice(0, 10).join('\n')}`);
  return invoices.size;
}
