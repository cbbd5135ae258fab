import type { Flight } from './flights.ts';
import { FLIGHTS, MILES } from './price-list.ts';

/** An event as `POST /events/batch` takes it. */
export interface FlightEvent {
  /**
   * Made from the flight's place in the file: a story that is told again sends the same events, and they are refused.
   */
  readonly transaction_id: string;
  readonly external_subscription_id: string;
  readonly code: string;
  readonly timestamp: number;
  readonly properties: Readonly<Record<string, string | number>>;
}

/** Events that one batch may hold (spec, usage 2.4). */
const BATCH_EVENTS = 100;

/** One for each metric. */
export const EVENTS_PER_FLIGHT = 2;

export const subscriptionOf = (airportCode: string): string => `${airportCode}-2001`;

/** What the flight means for each metric. */
export function eventsOf(flight: Flight): readonly FlightEvent[] {
  const place = String(flight.number).padStart(5, '0');
  const event = (code: string, properties: FlightEvent['properties']): FlightEvent => ({
    transaction_id: `${code}-${place}`,
    external_subscription_id: subscriptionOf(flight.origin),
    code,
    timestamp: flight.departedAt,
    properties,
  });
  return [
    event(FLIGHTS, { destination: flight.destination, delay: flight.delay }),
    event(MILES, { destination: flight.destination, distance: flight.distance }),
  ];
}

/** The events of all flights, cut into batches in which the events of one flight stay together. */
export function batchesOf(flights: readonly Flight[]): readonly (readonly FlightEvent[])[] {
  const events = flights.flatMap(eventsOf);
  return Array.from({ length: Math.ceil(events.length / BATCH_EVENTS) }, (_, index) =>
    events.slice(index * BATCH_EVENTS, (index + 1) * BATCH_EVENTS),
  );
}
