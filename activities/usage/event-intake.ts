import { AsyncLocalStorage } from 'node:async_hooks';
import type { MikroORM } from '@mikro-orm/postgresql';
import { errorCodes, isAwayCode } from '../../db/error-codes.ts';
import { scopedTo } from '../../db/orm.ts';
import { ingestEvents, isRefused, type EventsRequest, type Ingestion } from './ingest-events.ts';

/** Transactions at once that store events of the same codes; whoever comes meanwhile joins the next one. */
const TRANSACTIONS_AT_ONCE = 2;

/** Events of a transaction at most, unless one request has more. */
const EVENTS_OF_A_TRANSACTION = 500;

/** Somebody holds a metric's codes for longer than one waits for them. */
const LOCK_NOT_AVAILABLE = '55P03';

/** Stores the events of requests, in one transaction those of requests that arrive together. */
export interface EventIntake {
  /** Call it outside of any transaction. */
  readonly store: (organizationId: string, request: EventsRequest) => Promise<Ingestion>;
}

interface Arrival extends EventsRequest {
  /** How many have come to its lane before it. */
  readonly place: number;
  /** Runs work in this request's context, for its log and its trace. */
  readonly within: (work: () => Promise<void>) => Promise<void>;
  readonly answer: (ingestion: Ingestion) => void;
  readonly fail: (error: unknown) => void;
}

/** The requests of an organization for the same codes, in the order in which they came. */
interface Lane {
  readonly organizationId: string;
  readonly waiting: Arrival[];
  /** How many have come. */
  came: number;
  running: number;
}

/**
 * Requests that arrive together cost less in one transaction than in one each, and one that comes alone waits for
 * nobody. What is stored and answered of each does not depend on the others.
 *
 * Requests join only with those for the same metric codes: a metric whose rollups are rebuilt keeps its own events
 * waiting, and no others.
 */
export function eventIntake(orm: MikroORM): EventIntake {
  const lanes = new Map<string, Lane>();

  const storeNext = (key: string, lane: Lane): void => {
    while (lane.running < TRANSACTIONS_AT_ONCE && lane.waiting.length > 0) {
      lane.running += 1;
      const group = takeGroup(lane.waiting);
      void group[0]!
        .within(() => storeGroup(orm, lane, group))
        .finally(() => {
          lane.running -= 1;
          storeNext(key, lane);
          if (lane.running === 0) lanes.delete(key);
        });
    }
  };

  return {
    store: (organizationId, request) => {
      const codes = new Set(request.events.map(({ code }) => code));
      const key = JSON.stringify([organizationId, ...[...codes].toSorted()]);
      const lane = lanes.get(key) ?? { organizationId, waiting: [], came: 0, running: 0 };
      lanes.set(key, lane);
      return new Promise((answer, fail) => {
        const within = AsyncLocalStorage.snapshot();
        lane.waiting.push({ ...request, place: lane.came, within, answer, fail });
        lane.came += 1;
        storeNext(key, lane);
      });
    },
  };
}

/**
 * The first of those who wait, and as many after it as fit into a transaction. None that shares a transaction id with
 * one before it: it is told that the id is taken only if the other one has been stored.
 */
function takeGroup(waiting: Arrival[]): readonly Arrival[] {
  const ids = new Set<string>();
  let stored = 0;
  const end = waiting.findIndex(({ events }) => {
    const isOneTooMany = stored > 0 && stored + events.length > EVENTS_OF_A_TRANSACTION;
    if (isOneTooMany || events.some(({ transactionId }) => ids.has(transactionId))) return true;
    stored += events.length;
    for (const { transactionId } of events) ids.add(transactionId);
    return false;
  });
  return waiting.splice(0, end === -1 ? waiting.length : end);
}

/** Stores a group and answers each of it; never throws. */
async function storeGroup(orm: MikroORM, lane: Lane, group: readonly Arrival[]): Promise<void> {
  const cameBefore = lane.came;
  let ingestions: readonly Ingestion[];
  try {
    ingestions = await ingestEvents(scopedTo(orm.em, lane.organizationId), lane.organizationId, group);
  } catch (error) {
    if (concernsAll(error)) {
      for (const arrival of [...group, ...takeFirst(lane.waiting, cameBefore)]) arrival.fail(error);
    } else if (group.length === 1) {
      group[0]!.fail(error);
    } else {
      // What cannot be stored of one keeps no other out.
      const half = Math.ceil(group.length / 2);
      await storeGroup(orm, lane, group.slice(0, half));
      await storeGroup(orm, lane, group.slice(half));
    }
    return;
  }
  const free = group.filter((_, index) => !isRefused(ingestions[index]!));
  const areStored = free.length === group.length;
  for (const [index, arrival] of group.entries()) {
    const ingestion = ingestions[index]!;
    if (areStored || isRefused(ingestion)) arrival.answer(ingestion);
  }
  // Nothing is stored where one is refused: the others come again, without it.
  if (!areStored && free.length > 0) await storeGroup(orm, lane, free);
}

/** Whether it says nothing of the events: each request would have met it. */
const concernsAll = (error: unknown): boolean =>
  errorCodes(error).some((code) => code === LOCK_NOT_AVAILABLE || isAwayCode(code));

/**
 * Those who have waited for as long as others have tried in vain are told the same, so that nobody waits for longer
 * than two tries, however many are before him.
 */
function takeFirst(waiting: Arrival[], cameBefore: number): readonly Arrival[] {
  const later = waiting.findIndex(({ place }) => place >= cameBefore);
  return waiting.splice(0, later === -1 ? waiting.length : later);
}
