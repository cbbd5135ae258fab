import { setTimeout as wait } from 'node:timers/promises';

/** A subscription whose usage of a period that has ended is sent until shortly before it is billed. */
export interface UsedSubscription {
  readonly externalId: string;
  /** Milliseconds. */
  readonly dueAt: number;
  /** Seconds: when all of it was used. */
  readonly usedAt: number;
  /** Events that were acknowledged. */
  sent: number;
}

export interface LiveUsage {
  /** How many requests each version answered. */
  readonly answered: ReadonlyMap<string, number>;
  /** Stops sending. @throws what went wrong meanwhile. */
  readonly stop: () => Promise<void>;
}

/** What counts must have arrived by then: an invoice waits for nobody. */
const ROOM_MS = 15_000;
const SENDERS = 4;
const PAUSE_MS = 40;
/** A version that is being stopped answers nobody; the other one does. */
const TRIES_MAX = 40;

/**
 * Sends usage to whichever versions are at work, in turn, as a customer's program does: what was not acknowledged is
 * sent again, with its transaction id.
 *
 * @param at the versions that are at work now, by name.
 */
export function sendUsage(
  subscriptions: readonly UsedSubscription[],
  apiKey: string,
  at: () => ReadonlyMap<string, string>,
): LiveUsage {
  const answered = new Map<string, number>();
  let isStopped = false;
  let number = 0;
  const sendOne = async (subscription: UsedSubscription): Promise<void> => {
    number += 1;
    const own = number;
    const event = {
      transaction_id: `${subscription.externalId}-${own}`,
      external_subscription_id: subscription.externalId,
      code: 'calls',
      timestamp: subscription.usedAt,
      properties: { units: 1 },
    };
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const versions = [...at()];
      const [name, url] = versions[(own + tries) % versions.length]!;
      const status = await post(`${url}/api/v1/events`, apiKey, { event });
      if (status === undefined || status === 503) {
        await wait(PAUSE_MS);
        continue;
      }
      // Sent again after an answer that was lost: it is there already.
      const isKnown = status === 422 && tries > 0;
      if (status !== 200 && !isKnown) throw new Error(`The ${name} API answered an event with ${status}.`);
      answered.set(name, (answered.get(name) ?? 0) + 1);
      if (Date.now() > subscription.dueAt)
        throw new Error('The machine is too slow: an event came after its period was due.');
      subscription.sent += 1;
      return;
    }
    throw new Error(`No version took an event in ${TRIES_MAX} tries.`);
  };
  const senders = Array.from({ length: SENDERS }, async (_, place) => {
    for (let turn = place; !isStopped; turn += SENDERS) {
      const open = subscriptions.filter(({ dueAt }) => dueAt > Date.now() + ROOM_MS);
      if (open.length === 0) return;
      await sendOne(open[turn % open.length]!);
      await wait(PAUSE_MS);
    }
  });
  const all = Promise.all(senders);
  // Whoever stops it hears of it.
  all.catch(() => undefined);
  return {
    answered,
    stop: async () => {
      isStopped = true;
      await all;
    },
  };
}

/** @returns the status; undefined: no answer. */
async function post(url: string, apiKey: string, body: unknown): Promise<number | undefined> {
  try {
    const headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined;
  }
}
