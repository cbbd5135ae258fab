import { setTimeout as delay } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { ActStarter } from '../activities/acts/start-acts.ts';
import { wantWebhookLanes } from '../activities/webhooks/want-webhook-lanes.ts';
import { leaseWantedActs, markStarted, releaseActs } from '../db/acts/lease.ts';

/** Acts taken at once. */
const PAGE = 200;

/** How often to look when nothing tells us to. */
const LOOK_EVERY_MS = 250;

/** How long to leave PostgreSQL or Temporal alone after an error. */
const AFTER_ERROR_MS = 1000;

export interface Dispatcher {
  /** Look now: acts have been written. */
  readonly nudge: () => void;
  /** Ends after the round that runs. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the workflows of wanted acts: what the API could not start itself, and what activities wrote. Any number of
 * workers may run one each. Nothing is remembered between rounds, so a crash loses nothing.
 */
export function startDispatcher(orm: MikroORM, starter: ActStarter, log: Logger): Dispatcher {
  let running = true;
  let wakeUp = new AbortController();
  const nudge = (): void => wakeUp.abort();
  const pause = async (ms: number): Promise<void> => {
    await delay(ms, undefined, { signal: wakeUp.signal }).catch(() => undefined);
    wakeUp = new AbortController();
  };
  const loop = async (): Promise<void> => {
    while (running) {
      try {
        const taken = await dispatchOnce(orm, starter, log);
        if (taken < PAGE) await pause(LOOK_EVERY_MS);
      } catch (error) {
        log.warn({ err: error }, 'the dispatcher cannot reach the database; it tries again');
        await pause(AFTER_ERROR_MS);
      }
    }
  };
  const ended = loop();
  return {
    nudge,
    stop: async () => {
      running = false;
      nudge();
      await ended;
    },
  };
}

/** One round. @returns how many acts it took. */
export async function dispatchOnce(orm: MikroORM, starter: ActStarter, log: Logger): Promise<number> {
  const em = orm.em.fork();
  await wantWebhookLanes(em, new Date());
  const acts = await em.transactional((inner) => leaseWantedActs(inner, new Date(), PAGE));
  if (acts.length === 0) return 0;
  const { started, failed } = await starter.start(acts);
  await markStarted(em, started);
  if (failed.length > 0) {
    log.warn({ err: failed[0]?.error, acts: failed.length }, 'acts could not be started; the next round tries again');
    await releaseActs(
      em,
      failed.map((act) => act.id),
      AFTER_ERROR_MS,
    );
  }
  return acts.length;
}
