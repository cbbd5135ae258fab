import { ingestEvents } from '../../activities/usage/ingest-events.ts';
import { invalid, type ErrorDetails } from '../../billing/refusal.ts';
import type { RequestContext } from '../http/request-context.ts';
import { errorDetails } from '../http/validation.ts';
import { eventJson, type EventJson } from '../../shapes/usage/event.ts';
import { isObject } from '../../billing/is-object.ts';
import { eventInput, MAX_BATCH_EVENTS, type EventInput } from './schema.ts';
import { toNewEvent } from './to-command.ts';

/** Characters of a client's name that are kept with an event. */
const USER_AGENT_LENGTH = 255;

const TAKEN: ErrorDetails = { transaction_id: ['value_already_exist'] };

/** Stores events; `taken` are the indexes of those whose transaction id is not free, and then none is stored. */
async function store(context: RequestContext, inputs: readonly EventInput[]) {
  const { em, organization, now, userAgent, ipAddress, intake, startAfterAnswer } = context;
  const events = inputs.map((input) => toNewEvent(input, now));
  const receipt = { receivedAt: now, userAgent: userAgent?.slice(0, USER_AGENT_LENGTH) ?? null, ipAddress };
  const request = { events, receipt, startActs: startAfterAnswer };
  // Of a request with a key, events and answer are one transaction: its own.
  const taken = em.isInTransaction()
    ? (await ingestEvents(em, organization.id, [request]))[0]!
    : await intake.store(organization.id, request);
  return { taken, json: () => events.map((event): EventJson => eventJson({ ...event, createdAt: now })) };
}

/** @throws Refusal 422 when the transaction id is taken (spec, usage 2.3). */
export async function receiveEvent(context: RequestContext, input: EventInput): Promise<EventJson> {
  const { taken, json } = await store(context, [input]);
  const [event] = json();
  if (taken.length > 0 || !event) throw invalid(TAKEN);
  return event;
}

/**
 * All or nothing.
 *
 * @param body what was sent, unchecked.
 * @throws Refusal 422 with the errors by index (spec, usage 2.4).
 */
export async function receiveBatch(context: RequestContext, body: unknown): Promise<EventJson[]> {
  const { taken, json } = await store(context, checkBatch(body));
  if (taken.length > 0) throw invalid(Object.fromEntries(taken.map((index) => [String(index), TAKEN])));
  return json();
}

function checkBatch(body: unknown): readonly EventInput[] {
  const sent = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)['events'] : undefined;
  if (!Array.isArray(sent) || sent.length === 0) throw invalid({ events: ['no_events'] });
  if (sent.length > MAX_BATCH_EVENTS) throw invalid({ events: ['too_many_events'] });
  const errors: Record<string, ErrorDetails> = {};
  const inputs = sent.flatMap((entry: unknown, index) => {
    const parsed = eventInput.safeParse(isObject(entry) ? entry : {}, { reportInput: true });
    if (parsed.success) return [parsed.data];
    errors[index] = errorDetails(parsed.error);
    return [];
  });
  if (Object.keys(errors).length > 0) throw invalid(errors);
  return inputs;
}
