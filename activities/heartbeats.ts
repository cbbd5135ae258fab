import { heartbeat } from '@temporalio/activity';

/** How often to tell Temporal that an activity still runs. */
const HEARTBEAT_MS = 1000;

/** Does something long within an activity, which shows meanwhile that it is alive. */
export async function beating<Result>(work: () => Promise<Result>): Promise<Result> {
  heartbeat();
  const beat = setInterval(() => heartbeat(), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}
