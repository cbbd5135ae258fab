import { setTimeout as wait } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from '../db/embedded/process-status.ts';
import type { Announcer } from './announcer.ts';

/** An embedded server, as its start function answers. */
export interface EmbeddedServer {
  readonly identity: ProcessIdentity;
  stop(): Promise<void>;
}

export interface KeptServer {
  stop(): Promise<void>;
}

export interface KeptServerPlan<S extends EmbeddedServer> {
  readonly name: string;
  readonly server: S;
  /** Starts it again where it was. */
  readonly start: () => Promise<S>;
  readonly announce: Announcer;
  /** It could not be started again; the message says why. */
  readonly onGiveUp: (message: string) => void;
}

const LOOK_EVERY_MS = 500;
const ATTEMPTS_MAX = 5;
const FIRST_DELAY_MS = 250;

/** Looks after a server that is no child of ours, since it outlives us, and starts it again when it has ended. */
export function keepServerRunning<S extends EmbeddedServer>(plan: KeptServerPlan<S>): KeptServer {
  const stopped = new AbortController();
  const isStopped = () => stopped.signal.aborted;
  let { server } = plan;

  const watch = async () => {
    while (!isStopped()) {
      await wait(LOOK_EVERY_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (isStopped() || isRunning(server.identity)) continue;
      plan.announce.warn(`${plan.name} ended unexpectedly: starting it again`);
      const started = await startAgain(plan, isStopped);
      if (started === undefined) return;
      server = started;
      plan.announce.done(`${plan.name} runs again`);
    }
  };
  const watching = watch();

  return {
    stop: async () => {
      stopped.abort();
      await watching;
      await server.stop();
    },
  };
}

async function startAgain<S extends EmbeddedServer>(
  plan: KeptServerPlan<S>,
  isStopped: () => boolean,
): Promise<S | undefined> {
  for (let attempt = 0; !isStopped(); attempt += 1) {
    try {
      return await plan.start();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (attempt + 1 >= ATTEMPTS_MAX) {
        plan.onGiveUp(`${plan.name} could not be started again: ${reason}`);
        return undefined;
      }
      plan.announce.warn(reason);
      await wait(FIRST_DELAY_MS * 2 ** attempt);
    }
  }
  return undefined;
}
