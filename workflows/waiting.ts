import { condition, defineSignal, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { awaitedUntil } from './awaited.ts';
import { WAKE_SIGNAL } from './wake-signal.ts';

export const wake = defineSignal(WAKE_SIGNAL);

/**
 * A durable wait until a moment of the organization's clock. Live: a timer, which a wake-up ends early because the
 * moment may have moved. Under a test clock no times are compared: the clock decides in SQL who is due and wakes him.
 * What it waits for, and until when, is in the Temporal UI as the workflow's current details; they are no part of its
 * history.
 *
 * The first wait is over before it begins where Temporal has put off the workflow's first task until then
 * (`activities/acts/start-delay.ts`). Workflows of releases up to 0.2, and those whose start came early, wait here.
 *
 * Call it before the first await of a workflow, so that no wake-up is missed.
 */
export function prepareToWait(hasTestClock: boolean): (dueAt: string, what: string) => Promise<void> {
  let woken = false;
  setHandler(wake, () => {
    woken = true;
  });
  return async (dueAt, what) => {
    setCurrentDetails(`Waits for ${awaitedUntil(what, dueAt, hasTestClock)}`);
    if (hasTestClock) {
      await condition(() => woken);
    } else {
      const remaining = Date.parse(dueAt) - Date.now();
      if (remaining > 0) await condition(() => woken, remaining);
    }
    woken = false;
    setCurrentDetails(`Is at work: ${what}`);
  };
}

/**
 * The same wait for a workflow that counts its wake-ups itself.
 *
 * @param dueAt null: under a test clock nothing but a wake-up ends the wait.
 */
export async function wokenOr(dueAt: string | null, isWoken: () => boolean): Promise<void> {
  if (dueAt === null) return condition(isWoken);
  const remaining = Date.parse(dueAt) - Date.now();
  if (remaining > 0) await condition(isWoken, remaining);
}
