import type { EntityManager } from '@mikro-orm/postgresql';
import { invalid } from '../../billing/refusal.ts';
import { withComputedField, type ComputedField } from '../../billing/usage/expression/computed-field.ts';
import { EvaluationError } from '../../billing/usage/expression/evaluate-expression.ts';
import { hasCode } from '../../db/error-codes.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { holdMetricCodes } from '../../db/queries/usage/metric-code-lock.ts';
import { wantInstantCharges } from '../instant-charges/want-instant-charges.ts';
import { storeEvents, type NewEvent, type ReceivedEvents } from '../../db/queries/usage/store-events.ts';

/** The events of one request. */
export interface EventsRequest extends ReceivedEvents {
  /** Starts, once they are stored, the acts that charge them in advance. Absent: the dispatcher does. */
  readonly startActs?: (acts: readonly WantedAct[]) => void;
}

/** What became of the events of a request: all are stored, or none of it is. */
export interface Ingestion {
  /** As they are stored, with what their metrics compute. */
  readonly events: readonly NewEvent[];
  /** The indexes of those whose transaction id is taken. */
  readonly taken: readonly number[];
  /** Why the expression of its metric says nothing for an event, by index. */
  readonly failures: ReadonlyMap<number, string>;
}

/** Whether anything is in the way of storing the events of a request. */
export const isRefused = ({ taken, failures }: Ingestion): boolean => taken.length > 0 || failures.size > 0;

/**
 * PostgreSQL's code for a row that its index cannot take: the values by which usage is split are part of a rollup's
 * key, and many long names and texts are too much for it, though each alone would do.
 */
const TOO_LONG_FOR_INDEX = '54000';

/** Rolls the transaction back. */
class NothingStored extends Error {}

/**
 * Stores the events of requests together with what they add to the rollups and with the acts that charge them in
 * advance, all or nothing: as soon as the answer says so, usage counts them.
 *
 * @param requests of which no two have a transaction id in common.
 * @returns what became of each (spec, usage 1.6, 2.3, 2.4): if any is refused, nothing of all is stored.
 * @throws Refusal 422 `properties: value_is_too_long` for values that are too long together.
 */
export async function ingestEvents(
  em: EntityManager,
  organizationId: string,
  requests: readonly EventsRequest[],
): Promise<readonly Ingestion[]> {
  let ingestions: readonly Ingestion[] = [];
  let acts: readonly WantedAct[] = [];
  const codes = requests.flatMap(({ events }) => events.map(({ code }) => code));
  try {
    await em.transactional(async (transaction) => {
      const fields = await holdMetricCodes(transaction, organizationId, codes);
      ingestions = requests.map(({ events }) => computed(events, fields));
      if (ingestions.some(({ failures }) => failures.size > 0)) throw new NothingStored();
      const toStore = requests.map(({ receipt }, index) => ({ receipt, events: ingestions[index]!.events }));
      const stored = await storeEvents(transaction, organizationId, toStore);
      ingestions = ingestions.map((one) => ({ ...one, taken: takenOf(one.events, stored) }));
      if (ingestions.some(isRefused)) throw new NothingStored();
      acts = await wantInstantCharges(transaction, organizationId, stored, requests[0]!.receipt.receivedAt);
    });
  } catch (error) {
    if (hasCode(error, TOO_LONG_FOR_INDEX)) throw invalid({ properties: ['value_is_too_long'] });
    if (!(error instanceof NothingStored)) throw error;
    return ingestions;
  }
  startEach(requests, acts);
  return ingestions;
}

/** Why events could not be computed, by index, where something else is in the way of storing them. */
export async function computingFailures(
  em: EntityManager,
  organizationId: string,
  events: readonly NewEvent[],
): Promise<Ingestion['failures']> {
  const codes = events.map(({ code }) => code);
  const fields = await em.transactional((transaction) => holdMetricCodes(transaction, organizationId, codes));
  return computed(events, fields).failures;
}

/** The events with what their metrics compute. */
function computed(events: readonly NewEvent[], fields: ReadonlyMap<string, ComputedField>): Ingestion {
  const failures = new Map<number, string>();
  const withFields = events.map((event, index) => {
    const field = fields.get(event.code);
    try {
      return field ? withComputedField(event, field) : event;
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      failures.set(index, error.message);
      return event;
    }
  });
  return { events: withFields, taken: [], failures };
}

/** Those that are not stored, and those that name an id again. */
function takenOf(events: readonly NewEvent[], stored: Pick<ReadonlySet<string>, 'has'>): readonly number[] {
  const repeated = repeatedTransactionIds(events);
  return events.flatMap(({ id }, index) => (repeated.includes(index) || !stored.has(id) ? [index] : []));
}

/** Has each request start what its own events have led to. */
function startEach(requests: readonly EventsRequest[], acts: readonly WantedAct[]): void {
  if (acts.length === 0) return;
  const actsOf = Map.groupBy(acts, ({ argument }) => argument['eventId']);
  for (const { events, startActs } of requests) {
    const own = events.flatMap(({ id }) => actsOf.get(id) ?? []);
    if (own.length > 0) startActs?.(own);
  }
}

/**
 * Within one batch the id alone counts, whatever the subscription; the later one is the duplicate (spec, usage 2.4).
 */
function repeatedTransactionIds(events: readonly NewEvent[]): readonly number[] {
  const seen = new Set<string>();
  return events.flatMap(({ transactionId }, index) => {
    if (seen.has(transactionId)) return [index];
    seen.add(transactionId);
    return [];
  });
}
