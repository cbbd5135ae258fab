import type { EntityManager } from '@mikro-orm/postgresql';
import { invalid } from '../../billing/refusal.ts';
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

/** The indexes of those events of a request whose transaction id is taken. */
export type TakenIds = readonly number[];

/**
 * PostgreSQL's code for a row that its index cannot take: the values by which usage is split are part of a rollup's
 * key, and many long names and texts are too much for it, though each alone would do.
 */
const TOO_LONG_FOR_INDEX = '54000';

/** Rolls the transaction back. */
class TransactionIdsTaken extends Error {}

/**
 * Stores the events of requests together with what they add to the rollups and with the acts that charge them in
 * advance, all or nothing: as soon as the answer says so, usage counts them.
 *
 * @param requests of which no two have a transaction id in common.
 * @returns what is taken of each (spec, usage 2.3, 2.4): if it is anything of any, nothing of all is stored.
 * @throws Refusal 422 `properties: value_is_too_long` for values that are too long together.
 */
export async function ingestEvents(
  em: EntityManager,
  organizationId: string,
  requests: readonly EventsRequest[],
): Promise<readonly TakenIds[]> {
  let taken = requests.map(({ events }) => repeatedTransactionIds(events));
  let acts: readonly WantedAct[] = [];
  const codes = requests.flatMap(({ events }) => events.map(({ code }) => code));
  try {
    await em.transactional(async (transaction) => {
      await holdMetricCodes(transaction, organizationId, codes);
      const stored = await storeEvents(transaction, organizationId, requests);
      taken = requests.map(({ events }, request) =>
        events.flatMap(({ id }, index) => (taken[request]!.includes(index) || !stored.has(id) ? [index] : [])),
      );
      if (taken.some((ids) => ids.length > 0)) throw new TransactionIdsTaken();
      acts = await wantInstantCharges(transaction, organizationId, stored, requests[0]!.receipt.receivedAt);
    });
  } catch (error) {
    if (hasCode(error, TOO_LONG_FOR_INDEX)) throw invalid({ properties: ['value_is_too_long'] });
    if (!(error instanceof TransactionIdsTaken)) throw error;
    return taken;
  }
  startEach(requests, acts);
  return taken;
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
function repeatedTransactionIds(events: readonly NewEvent[]): TakenIds {
  const seen = new Set<string>();
  return events.flatMap(({ transactionId }, index) => {
    if (seen.has(transactionId)) return [index];
    seen.add(transactionId);
    return [];
  });
}
