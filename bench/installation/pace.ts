import { isMainThread, Worker, workerData } from 'node:worker_threads';

/** How fast the machine is meanwhile. */
export interface Pace {
  /**
   * CPU milliseconds of a loop that is always the same, on average so far; its neighbours' load makes it dearer, as all
   * work.
   */
  readonly loopMs: () => number;
  readonly stop: () => Promise<unknown>;
}

const EVERY_MS = 250;
const ROUNDS = 4_000_000;
/** Places in what both threads share. */
const [LOOPS, SUM] = [0, 1];

/** In a thread of its own, so that nobody who is measured waits for it; it takes about 1 % of a core. */
export function startPace(): Pace {
  const counted = new Float64Array(new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT));
  const thread = new Worker(new URL(import.meta.url), { workerData: counted });
  return { loopMs: () => counted[SUM]! / counted[LOOPS]!, stop: () => thread.terminate() };
}

function loopOnce(): number {
  const before = process.threadCpuUsage();
  let state = 1;
  for (let round = 0; round < ROUNDS; round += 1) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  const { user, system } = process.threadCpuUsage(before);
  // Used, so that the loop is not left out.
  return (user + system) / 1000 + (state === 0 ? 0 : Number.EPSILON);
}

function countLoops(counted: Float64Array): void {
  setInterval(() => {
    counted[SUM]! += loopOnce();
    counted[LOOPS]! += 1;
  }, EVERY_MS);
}

if (!isMainThread) countLoops(workerData as Float64Array);
