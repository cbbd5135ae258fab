import { readVegaDataset } from './vega-dataset.ts';

/** One flight of the file. */
export interface Flight {
  /** Its place in the file, from 1: what its events are called after. */
  readonly number: number;
  /** Whole seconds since 1970, the file's date taken as UTC. */
  readonly departedAt: number;
  /** Miles. */
  readonly distance: number;
  /** Minutes; negative: early. */
  readonly delay: number;
  /** IATA code of the airport that is billed. */
  readonly origin: string;
  readonly destination: string;
}

interface FlightRecord extends Pick<Flight, 'distance' | 'delay' | 'origin' | 'destination'> {
  /** Like `2001/01/01 00:47`. */
  readonly date: string;
}

const DATE = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d)$/;

/** 20,000 real flights inside the United States, January to March 2001, in the order of their departure. */
export async function readFlights(): Promise<readonly Flight[]> {
  const records = JSON.parse(await readVegaDataset('flights-20k.json')) as readonly FlightRecord[];
  return records.map(({ date, ...record }, index) => ({
    ...record,
    number: index + 1,
    departedAt: secondsOf(date),
  }));
}

function secondsOf(date: string): number {
  const [year, month, day, hour, minute] = DATE.exec(date)?.slice(1).map(Number) ?? [];
  if (year === undefined || month === undefined) throw new Error(`This is not the date of a flight: ${date}`);
  return Date.UTC(year, month - 1, day, hour, minute) / 1000;
}

/** What left an airport. */
export interface Traffic {
  readonly airportCode: string;
  readonly flights: number;
  readonly miles: number;
}

/** Every airport that a flight left, the busiest first. */
export function trafficByOrigin(flights: readonly Flight[]): readonly Traffic[] {
  const byCode = new Map<string, Traffic>();
  for (const { origin, distance } of flights) {
    const before = byCode.get(origin) ?? { airportCode: origin, flights: 0, miles: 0 };
    byCode.set(origin, { ...before, flights: before.flights + 1, miles: before.miles + distance });
  }
  return [...byCode.values()].toSorted(
    (one, other) => other.flights - one.flights || (one.airportCode < other.airportCode ? -1 : 1),
  );
}
