import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { WAKE_SIGNAL } from './wake-signal.ts';

export const wake = defineSignal(WAKE_SIGNAL);

/**
 * A durable wait until a moment of the organization's clock. Live: a timer, which a wake-up ends early because the moment
 * may have moved. Under a test clock no times are compared: the clock decides in SQL who is due and wakes him.
 *
 * Call it before the first await of a workflow, so that no wake-up is missed.
 */
export function prepareToWait(frozen: boolean): (dueAt: string) => Promise<void> {
  let woken = false;
  setHandler(wake, () => {
    woken = true;
  });
  return async (dueAt) => {
    if (frozen) {
      await condition(() => woken);
    } else {
      const remaining = Date.parse(dueAt) - Date.now();
      if (remaining > 0) await condition(() => woken, remaining);
    }
    woken = false;
  };
}
