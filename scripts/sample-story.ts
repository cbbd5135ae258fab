import { readAirports, type Airport } from './sample-story/airports.ts';
import { groupedNumber } from './sample-story/amounts.ts';
import {
  billedAirport,
  countInvoices,
  readInvoices,
  type BilledAirport,
  type BilledMonth,
} from './sample-story/billed-airports.ts';
import { closingText, type Closing } from './sample-story/closing.ts';
import { EVENTS_PER_FLIGHT } from './sample-story/flight-events.ts';
import { readFlights, trafficByOrigin, type Flight, type Traffic } from './sample-story/flights.ts';
import { transientMemory, type SampleStoryMemory, type SampleStoryMemoryStore } from './sample-story/memory.ts';
import { findOrCreateOrganization, withKey, type Server } from './sample-story/organization.ts';
import { MONTHS, STORY_END } from './sample-story/price-list.ts';
import { makeProgress, type Progress } from './sample-story/progress.ts';
import { sendFlights } from './sample-story/send-flights.ts';
import { makePlan, subscribeAirports } from './sample-story/set-up.ts';
import { makeStoryApi, type StoryApi } from './sample-story/story-api.ts';
import { advanceTo, clockPosition, jumpToStart } from './sample-story/test-clock.ts';
import { readWholeInvoice } from './sample-story/whole-invoice.ts';

export type { SampleStoryMemory, SampleStoryMemoryStore } from './sample-story/memory.ts';

export interface SampleStoryOptions {
  /** Where the API listens, without `/api/v1`. */
  readonly apiUrl: string;
  readonly adminKey: string;
  /** Null or empty: there is none to link to. */
  readonly temporalUiUrl: string | null;
  /** What a person reads; standard output unless given. */
  readonly output?: (text: string) => void;
  /** Lets a killed story go on with the next start. */
  readonly memory?: SampleStoryMemoryStore;
  /** Ends the story where it is; the promise rejects. */
  readonly signal?: AbortSignal;
  readonly fetch?: typeof fetch;
}

export interface SampleStoryResult {
  readonly organizationId: string;
  /** Of the story's organization. */
  readonly apiKey: string;
}

/**
 * Bills the airports of the United States for 20,000 real flights of the first three months of 2001, over HTTP, in an
 * organization in test mode, and shows the invoices.
 *
 * Every step may be done again. With a memory, a story that was killed goes on in its organization; once told, it is
 * not told again.
 *
 * @throws Error when the server refuses something, or is away for half a minute.
 */
export async function runSampleStory(options: SampleStoryOptions): Promise<SampleStoryResult> {
  const { apiUrl, adminKey, signal, memory = transientMemory() } = options;
  const write = options.output ?? ((text: string) => void process.stdout.write(text));
  const server: Server = { apiUrl, adminKey, signal, fetch: options.fetch ?? fetch };
  const progress = makeProgress({ write, terminal: terminalOf(options) });

  let story = await findOrCreateOrganization(server, memory);
  const { organizationId, apiKey } = story;
  if (story.finished) return { organizationId, apiKey };
  const change = async (changes: Partial<SampleStoryMemory>): Promise<void> => {
    story = { ...story, ...changes };
    await memory.write(story);
  };

  const api = makeStoryApi(withKey(server, apiKey));
  const { flights, airports } = await readInput();
  write('\nThe sample story: real flights of January to March 2001, billed to the airports that they left\n\n');
  const position = await clockPosition(api);
  if (position === 'elsewhere') await jumpToStart(api);
  if (position === 'elsewhere' || position === 'start') {
    const workflowUrl = await subscribe(api, airports, progress);
    if (workflowUrl !== null) await change({ workflowUrl: absolute(workflowUrl, options.temporalUiUrl) });
    await send(api, flights, progress);
  }
  await bill(api, airports.length * MONTHS.length, progress, signal);
  const invoices = await readBack(api, progress);
  const billed = airports.map(({ airport, traffic }) => billedAirport(airport, traffic, invoices));
  const example = await exampleOf(api, billed);
  write(`\n${closingText({ billed, example, apiUrl, apiKey, workflowUrl: story.workflowUrl })}`);
  await change({ finished: true });
  return { organizationId, apiKey };
}

/** A line can be written over only where nobody has put something between. */
function terminalOf({ output }: SampleStoryOptions): NodeJS.WriteStream | undefined {
  return output === undefined && process.stdout.isTTY ? process.stdout : undefined;
}

interface BusyAirport {
  readonly airport: Airport;
  readonly traffic: Traffic;
}

interface Input {
  readonly flights: readonly Flight[];
  /** The busiest first. */
  readonly airports: readonly BusyAirport[];
}

async function readInput(): Promise<Input> {
  const [flights, known] = await Promise.all([readFlights(), readAirports()]);
  const airports = trafficByOrigin(flights).map((traffic) => {
    const code = traffic.airportCode;
    return { traffic, airport: known.get(code) ?? { code, name: code, city: code, state: null } };
  });
  return { flights, airports };
}

const counted = (count: number): string => groupedNumber(BigInt(count));

const subscribe = (api: StoryApi, busy: readonly BusyAirport[], progress: Progress): Promise<string | null> =>
  progress.step('Subscribing airports', async (tell) => {
    await makePlan(api);
    const airports = busy.map(({ airport }) => airport);
    const value = await subscribeAirports(api, airports, (made) => tell(`${made} of ${airports.length}`));
    return { value, done: `${airports.length} airports subscribed to a monthly plan` };
  });

const send = (api: StoryApi, flights: readonly Flight[], progress: Progress): Promise<void> =>
  progress.step('Sending flights', async (tell) => {
    const { events, requests } = await sendFlights(api, flights, (sent) =>
      tell(`${counted(sent / EVENTS_PER_FLIGHT)} of ${counted(flights.length)}`),
    );
    const done =
      `${counted(flights.length)} flights sent as ${counted(events)} events, ` +
      `one for each of two metrics, in ${requests} requests`;
    return { value: undefined, done };
  });

const bill = (api: StoryApi, expected: number, progress: Progress, signal: AbortSignal | undefined): Promise<void> =>
  progress.step('Moving the clock from 1 January to 1 April 2001', async (tell) => {
    const count = async (): Promise<number> => {
      const invoices = await countInvoices(api);
      tell(`${invoices} of ${expected} invoices`);
      return invoices;
    };
    await advanceTo(api, STORY_END, count, signal);
    return { value: undefined, done: `${await count()} invoices billed between 1 January and 1 April 2001` };
  });

const readBack = (api: StoryApi, progress: Progress): Promise<ReadonlyMap<string, BilledMonth>> =>
  progress.step('Reading the invoices', async (tell) => {
    const value = await readInvoices(api, (read) => tell(String(read)));
    return { value, done: `${value.size} invoices read` };
  });

/** The first month of the busiest airport. */
async function exampleOf(api: StoryApi, billed: readonly BilledAirport[]): Promise<Closing['example']> {
  const [busiest] = billed;
  const [month] = busiest?.months ?? [];
  if (busiest === undefined || month === undefined) throw new Error('Nobody has been billed.');
  return { airport: busiest.airport, invoice: await readWholeInvoice(api, month.invoiceId) };
}

/** Null where there is no web interface. */
function absolute(workflowUrl: string, temporalUiUrl: string | null): string | null {
  if (!workflowUrl.startsWith('/')) return workflowUrl;
  return temporalUiUrl === null || temporalUiUrl === '' ? null : `${temporalUiUrl}${workflowUrl}`;
}
