import { computingFailures, ingestEvents, isRefused, type Ingestion } from '../../activities/usage/ingest-events.ts';
import { invalid, type ErrorDetails } from '../../billing/refusal.ts';
import { evaluationFailed } from '../../billing/usage/expression/computed-properties.ts';
import type { RequestContext } from '../http/request-context.ts';
import { errorDetails } from '../http/validation.ts';
import { eventJson, type EventJson } from '../../shapes/usage/event.ts';
import { isObject } from '../../billing/is-object.ts';
import { eventInput, MAX_BATCH_EVENTS, type EventInput } from './schema.ts';
import { toNewEvent } from './to-command.ts';

/** Characters of a client's name that are kept with an event. */
const USER_AGENT_LENGTH = 255;

const TAKEN: ErrorDetails = { transaction_id: ['value_already_exist'] };

/** Stores the events of a request. */
async function store(context: RequestContext, inputs: readonly EventInput[]): Promise<Ingestion> {
  const { em, organization, now, userAgent, ipAddress, intake, startAfterAnswer } = context;
  const events = inputs.map((input) => toNewEvent(input, now));
  const receipt = { receivedAt: now, userAgent: userAgent?.slice(0, USER_AGENT_LENGTH) ?? null, ipAddress };
  const request = { events, receipt, startActs: startAfterAnswer };
  // Of a request with a key, events and answer are one transaction: its own.
  return em.isInTransaction()
    ? (await ingestEvents(em, organization.id, [request]))[0]!
    : intake.store(organization.id, request);
}

const shown = ({ events }: Ingestion, createdAt: Date): EventJson[] =>
  events.map((event) => eventJson({ ...event, createdAt }));

/** @throws Refusal 422 when the transaction id is taken, or the metric's expression fails (spec, usage 1.6, 2.3). */
export async function receiveEvent(context: RequestContext, input: EventInput): Promise<EventJson> {
  const ingestion = await store(context, [input]);
  const [failure] = ingestion.failures.values();
  if (failure !== undefined) throw invalid(evaluationFailed(failure));
  if (isRefused(ingestion)) throw invalid(TAKEN);
  return shown(ingestion, context.now)[0]!;
}

/**
 * All or nothing.
 *
 * @param body what was sent, unchecked.
 * @throws Refusal 422 with the errors by index (spec, usage 1.6, 2.4).
 */
export async function receiveBatch(context: RequestContext, body: unknown): Promise<EventJson[]> {
  const ingestion = await store(context, await checkBatch(context, body));
  const { failures, taken } = ingestion;
  if (failures.size > 0) throw invalid(Object.fromEntries(byIndex(failures)));
  if (taken.length > 0) throw invalid(Object.fromEntries(taken.map((index) => [String(index), TAKEN])));
  return shown(ingestion, context.now);
}

const byIndex = (failures: Ingestion['failures']): [index: string, error: string][] =>
  [...failures].map(([index, message]) => [String(index), evaluationFailed(message)]);

async function checkBatch(context: RequestContext, body: unknown): Promise<readonly EventInput[]> {
  const sent = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)['events'] : undefined;
  if (!Array.isArray(sent) || sent.length === 0) throw invalid({ events: ['no_events'] });
  if (sent.length > MAX_BATCH_EVENTS) throw invalid({ events: ['too_many_events'] });
  const errors = new Map<number, ErrorDetails>();
  const inputs = new Map<number, EventInput>();
  for (const [index, entry] of sent.entries()) {
    const parsed = eventInput.safeParse(isObject(entry) ? entry : {}, { reportInput: true });
    if (parsed.success) inputs.set(index, parsed.data);
    else errors.set(index, errorDetails(parsed.error));
  }
  if (errors.size > 0) {
    const failures = await failuresOf(context, inputs);
    throw invalid({ ...Object.fromEntries(byIndex(failures)), ...Object.fromEntries(errors) });
  }
  return [...inputs.values()];
}

/** Events without an error of their own are still computed: all that is wrong is told at once (spec, usage 2.4). */
async function failuresOf(
  { em, organization, now }: RequestContext,
  inputs: ReadonlyMap<number, EventInput>,
): Promise<Ingestion['failures']> {
  const places = [...inputs.keys()];
  const events = [...inputs.values()].map((input) => toNewEvent(input, now));
  const failures = await computingFailures(em, organization.id, events);
  return new Map([...failures].map(([index, message]) => [places[index]!, message]));
}
