import type { StartableAct } from '../../db/acts/act.ts';
import { awaitedUntil } from '../../workflows/awaited.ts';
import { isKind, kinds } from './kinds.ts';

/** Under a test clock no times are compared: the clock wakes who is due, long before this. */
const UNTIL_WOKEN_MS = 10 * 365 * 86_400_000;

/** What is due later than this waits for its start until nobody waits for an answer (`start-behind-answers.ts`). */
const FAR_AHEAD_MS = 60_000;

/** How a workflow starts that has nothing to do but wait. */
export interface DelayedStart {
  readonly startDelay: number;
  /** For the Temporal UI: it cannot ask a workflow that has had no task yet. */
  readonly staticDetails: string;
}

/**
 * Has Temporal put off the first task of a workflow that would only wait: a task and a timer for nothing are half of
 * what its whole life costs. `signalWithStart` ends the delay, and that is how acts are woken; a plain signal does not.
 * It begins when Temporal has the start, so it ends as much too late as that took; beyond two minutes the watchdog
 * wakes it.
 *
 * @param now real time.
 * @returns undefined: it has something to do at once.
 */
export function delayedStart(act: StartableAct, now: Date): DelayedStart | undefined {
  const wait = firstWait(act, now);
  if (!wait) return undefined;
  const until = awaitedUntil(wait.what, wait.dueAt.toISOString(), hasTestClock(act));
  return {
    startDelay: wait.ms,
    staticDetails:
      `Begins with a wait for ${until}. A signal does not end this wait: ` +
      `POST /api/v1/workflows/${encodeURIComponent(act.id)}/wake does.`,
  };
}

/** Whether nothing is lost if an act's workflow starts some seconds later. */
export const isFarAhead = (act: StartableAct, now: Date): boolean => (firstWait(act, now)?.ms ?? 0) > FAR_AHEAD_MS;

function firstWait(act: StartableAct, now: Date): { what: string; dueAt: Date; ms: number } | undefined {
  const { verb, kind, dueAt } = act;
  const waitsFor = isKind(kind) ? kinds[kind].waitsFor : undefined;
  if (!waitsFor || dueAt === null || verb !== 'start') return undefined;
  const ms = hasTestClock(act) ? UNTIL_WOKEN_MS : dueAt.getTime() - now.getTime();
  return ms > 0 ? { what: waitsFor(act), dueAt, ms } : undefined;
}

const hasTestClock = ({ argument }: StartableAct): boolean => argument['frozen'] === true;
