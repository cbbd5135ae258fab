import { batchesOf } from './flight-events.ts';
import type { Flight } from './flights.ts';
import { inFlight } from './in-flight.ts';
import type { Refused, StoryApi } from './story-api.ts';

const REQUESTS_IN_FLIGHT = 8;

export interface SentEvents {
  readonly events: number;
  readonly requests: number;
}

/**
 * Sends every flight's events in batches. A batch that has been stored before is refused as a whole, and that is fine.
 *
 * @param tell is told how many events have been sent.
 */
export async function sendFlights(
  api: StoryApi,
  flights: readonly Flight[],
  tell: (sent: number) => void,
): Promise<SentEvents> {
  const batches = batchesOf(flights);
  let sent = 0;
  await inFlight(REQUESTS_IN_FLIGHT, batches, async (events) => {
    await api.post('/events/batch', { events }, (refused) => areAllTaken(refused, events.length));
    sent += events.length;
    tell(sent);
  });
  return { events: sent, requests: batches.length };
}

/** Whether every event of a batch was stored before, and nothing else is wrong (spec, usage 2.4). */
export function areAllTaken({ status, details }: Refused, count: number): boolean {
  const errors = Object.values(details);
  return (
    status === 422 &&
    errors.length === count &&
    errors.every((error) => JSON.stringify(error) === '{"transaction_id":["value_already_exist"]}')
  );
}
