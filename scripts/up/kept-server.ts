import { setTimeout as wait } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from './process-status.ts';
import type { Announcer } from './announcer.ts';
import { messageOf } from '../../telemetry/message-of.ts';

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
}

const LOOK_EVERY_MS = 500;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 10_000;

/**
 * Looks after a server that is no child of ours, since it outlives us, and starts it again when it has ended: for as
 * long as it takes, since what keeps it from starting, such as a full disk, may be mended by somebody.
 */
export function keepServerRunning<S extends EmbeddedServer>(plan: KeptServerPlan<S>): KeptServer {
  const stopped = new AbortController();
  const isStopped = () => stopped.signal.aborted;
  let { server } = plan;

  const watch = async () => {
    while (!isStopped()) {
      await wait(LOOK_EVERY_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (isStopped() || isRunning(server.identity)) continue;
      plan.announce.warn(`${plan.name} ended unexpectedly: starting it again`);
      const started = await startAgain(plan, stopped.signal);
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

/** @returns undefined when it is to be stopped. */
async function startAgain<S extends EmbeddedServer>(
  { name, start, announce }: KeptServerPlan<S>,
  stopped: AbortSignal,
): Promise<S | undefined> {
  let told = '';
  for (let attempt = 0; !stopped.aborted; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      const reason = messageOf(error);
      // The same reason is told once; what a server wrote differs by its time and process alone.
      const words = reason.replaceAll(/\d+/g, '');
      if (words !== told) announce.warn(`${name} cannot be started again yet: ${reason}`);
      told = words;
      const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10));
      await wait(delay, undefined, { signal: stopped }).catch(() => undefined);
    }
  }
  return undefined;
}
