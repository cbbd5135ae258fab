import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { ActStarter } from './start-acts.ts';
import { isFarAhead } from './start-delay.ts';
import { keepLeased, markStarted, releaseActs } from '../../db/acts/lease.ts';
import type { ActToStart, StartableAct } from '../../db/acts/act.ts';
import { withLogFacts } from '../../telemetry/log-facts.ts';
import { currentTraceparent } from '../../telemetry/trace-context.ts';

/** Acts whose start waits or runs; beyond, the dispatcher takes them. */
const MAX_QUEUED = 2000;

/** Starts for one call of Temporal's client at most. */
const PAGE = 64;

/** The same between two looks whether somebody waits for an answer. */
const PAGE_IN_PAUSES = 16;

export interface BackgroundStarts {
  readonly start: (acts: readonly ActToStart[]) => void;
  /** Resolves when nothing is being started any more; what was to start in a pause is left to the dispatcher. */
  readonly settled: () => Promise<void>;
}

export interface BackgroundStartsParts {
  readonly orm: MikroORM;
  readonly starter: ActStarter;
  readonly log: Logger;
  readonly realTime: () => Date;
  /** Resolves when nobody waits for an answer. */
  readonly pause: () => Promise<void>;
}

/**
 * Starts acts behind the answers of the requests that wrote them. What is due far ahead starts in a pause, since a
 * start takes time from the answers that others wait for. What fails, comes when too many wait, or finds no pause while
 * it is leased to its writer is left to the worker's dispatcher: the rows say that it is wanted.
 */
export function startBehindAnswers(parts: BackgroundStartsParts): BackgroundStarts {
  const { orm, log, realTime, pause } = parts;
  const soon: StartableAct[] = [];
  /** Ids alone: their rows may change before they start. */
  const far: string[] = [];
  let inPause = Promise.resolve();
  const startSoon = inBackground(log, soon, async () => {
    await startPage(parts, soon.splice(0, PAGE));
  });
  const startFar = inBackground(log, far, async () => {
    await pause();
    inPause = startLeased(far.splice(0, PAGE_IN_PAUSES));
    await inPause;
  });
  const startLeased = async (ids: readonly string[]): Promise<void> => {
    const acts = ids.length === 0 ? [] : await keepLeased(orm.em.fork(), ids);
    if (acts.length > 0) await startPage(parts, acts);
  };
  const start = (acts: readonly ActToStart[]): void => {
    if (soon.length + acts.length > MAX_QUEUED) return;
    const now = realTime();
    for (const act of acts) {
      const startable = startableNow(act);
      if (isFarAhead(startable, now)) far.push(act.id);
      else soon.push(startable);
    }
    // The leases of the oldest run out first.
    far.splice(0, far.length - MAX_QUEUED);
    void startSoon();
    void startFar();
  };
  const settled = async (): Promise<void> => {
    far.length = 0;
    await Promise.all([startSoon(), inPause.catch(() => undefined)]);
  };
  return { start, settled };
}

const startableNow = (act: ActToStart): StartableAct => ({
  verb: 'start' as const,
  ...act,
  invoiceId: act.invoiceId ?? null,
  traceparent: currentTraceparent(),
  argument: { ...act.argument },
});

/** @returns what has a queue worked off, page by page, unless it already is; its promise resolves when that is done. */
function inBackground(log: Logger, queue: readonly unknown[], page: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    while (queue.length > 0) await page();
  };
  const begin = (): Promise<void> => {
    if (queue.length === 0) return running ?? Promise.resolve();
    // Of many requests: not the request's that happened to come first.
    running ??= withLogFacts({}, drain)
      .catch((error: unknown) => log.warn({ err: error }, 'acts are left to the dispatcher'))
      .finally(() => {
        running = undefined;
        void begin();
      });
    return running;
  };
  return begin;
}

async function startPage(
  { orm, starter, log }: Pick<BackgroundStartsParts, 'orm' | 'starter' | 'log'>,
  acts: readonly StartableAct[],
): Promise<void> {
  const { started, failed } = await starter.start(acts);
  const em = orm.em.fork();
  await markStarted(em, started);
  if (failed.length === 0) return;
  log.warn(
    { err: failed[0]?.error, acts: failed.length },
    'Temporal does not take acts; the dispatcher will start them',
  );
  await releaseActs(
    em,
    failed.map((act) => act.id),
    0,
  );
}
