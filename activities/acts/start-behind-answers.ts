import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { ActStarter } from './start-acts.ts';
import { markStarted, releaseActs } from '../../db/acts/lease.ts';
import type { ActToStart, StartableAct } from '../../db/acts/act.ts';
import { withLogFacts } from '../../telemetry/log-facts.ts';
import { currentTraceparent } from '../../telemetry/trace-context.ts';

/** Acts whose start waits or runs; beyond, the dispatcher takes them. */
const MAX_QUEUED = 2000;

/** Starts for one call of Temporal's client at most. */
const PAGE = 64;

export interface BackgroundStarts {
  readonly start: (acts: readonly ActToStart[]) => void;
  /** Resolves when nothing is being started any more. */
  readonly settled: () => Promise<void>;
}

/**
 * Starts acts behind the answers of the requests that wrote them. What fails, or comes when too many wait, is left to
 * the worker's dispatcher: the rows say that it is wanted.
 */
export function startBehindAnswers(parts: {
  readonly orm: MikroORM;
  readonly starter: ActStarter;
  readonly log: Logger;
}): BackgroundStarts {
  const queue: StartableAct[] = [];
  let running: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    while (queue.length > 0) await startPage(parts, queue.splice(0, PAGE));
  };
  const start = (acts: readonly ActToStart[]): void => {
    if (queue.length + acts.length > MAX_QUEUED) return;
    queue.push(
      ...acts.map((act) => ({
        verb: 'start' as const,
        ...act,
        invoiceId: act.invoiceId ?? null,
        traceparent: currentTraceparent(),
        argument: { ...act.argument },
      })),
    );
    // Of many requests: not the request's that happened to come first.
    running ??= withLogFacts({}, drain)
      .catch((error: unknown) => parts.log.warn({ err: error }, 'acts are left to the dispatcher'))
      .finally(() => {
        running = undefined;
        if (queue.length > 0) start([]);
      });
  };
  return { start, settled: async () => running };
}

async function startPage(
  { orm, starter, log }: { readonly orm: MikroORM; readonly starter: ActStarter; readonly log: Logger },
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
