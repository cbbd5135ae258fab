import { setTimeout as wait } from 'node:timers/promises';
import { STORY_END, STORY_START } from './price-list.ts';
import type { StoryApi } from './story-api.ts';

interface TestClock {
  readonly frozen_time: string;
  readonly status: 'ready' | 'advancing';
}

/** Where the organization's time stands. `elsewhere`: the story has not touched it. */
export type ClockPosition = 'elsewhere' | 'start' | 'on the way' | 'end';

const LOOK_EVERY_MS = 500;

/** Billing that stands still for so long has broken down. */
const STANDSTILL_MS = 120_000;

const readClock = async (api: StoryApi): Promise<TestClock> =>
  (await api.get<{ test_clock: TestClock }>('/test_clock')).test_clock;

export async function clockPosition(api: StoryApi): Promise<ClockPosition> {
  const now = Date.parse((await readClock(api)).frozen_time);
  const [start, end] = [Date.parse(STORY_START), Date.parse(STORY_END)];
  if (now === start) return 'start';
  if (now === end) return 'end';
  return now > start && now < end ? 'on the way' : 'elsewhere';
}

export async function jumpToStart(api: StoryApi): Promise<void> {
  await api.put('/test_clock', { test_clock: { frozen_time: STORY_START, mode: 'jump' } });
}

/**
 * Moves the clock, which stands at the start of the story, and waits until everything that fell due on the way is done.
 *
 * @param end `STORY_END`, or another moment of that form.
 * @param howFar counts what has been billed; it is asked again and again, and it should grow.
 * @throws Error when nothing moves any more.
 */
export async function advanceTo(
  api: StoryApi,
  end: string,
  howFar: () => Promise<number>,
  signal: AbortSignal | undefined,
): Promise<void> {
  let last = '';
  let movedAt = performance.now();
  for (;;) {
    const { frozen_time: time, status } = await readClock(api);
    if (status === 'ready') {
      if (Date.parse(time) >= Date.parse(end)) return;
      await askToAdvance(api, end);
    } else if (Date.parse(time) === Date.parse(STORY_START)) {
      // Busy may only mean that the periods of new subscriptions are still being started.
      await askToAdvance(api, end);
    }
    const state = `${time} ${await howFar()}`;
    if (state !== last) movedAt = performance.now();
    last = state;
    if (performance.now() - movedAt > STANDSTILL_MS) {
      throw new Error(`The clock stands at ${time} and nothing is billed: the log of the worker says why.`);
    }
    await wait(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** Another advance may be under way: then the clock is where it should be. */
async function askToAdvance(api: StoryApi, end: string): Promise<void> {
  await api.put('/test_clock', { test_clock: { frozen_time: end, mode: 'advance' } }, ({ status }) => status === 409);
}
