import { setImmediate as yieldToOthers, setTimeout as delay } from 'node:timers/promises';
import { Context, heartbeat } from '@temporalio/activity';
import type { EntityManager } from '@mikro-orm/postgresql';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { markWaitingUntil, markWorking } from '../../db/acts/lanes.ts';
import {
  admitArrivals,
  hastenRetries,
  lockLane,
  nextDue,
  recordEndpoint,
  recordResults,
  takeDue,
  type DueWebhook,
  type LaneEndpoint,
  type WebhookResult,
} from '../../db/queries/webhooks/webhook-lane.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { PostWebhook, WebhookAnswer } from './post-webhook.ts';
import { webhookHeaders, type WebhookSigner } from './sign-webhook.ts';
import type { WebhooksArgument } from './webhooks-act.ts';
import type { WebhookKeys } from './webhook-keys.ts';
import { BACK_AFTER_FAILURES, DOWN_AFTER_FAILURES, DOWN_PAUSE_MS, waitAfterFailure } from './webhook-waits.ts';

/** What sending webhooks needs of the world beside the rest; tests pass their own. */
export interface WebhookSending {
  readonly post: PostWebhook;
  readonly keys: WebhookKeys;
  /** The public address of the API: the issuer of signatures. */
  readonly issuer: string;
  /** From 0 to 1, exclusive. */
  readonly random: () => number;
}

/** How a lane goes on: at once, after a wait in real time, or not at all. */
export type LaneOutcome =
  | { readonly outcome: 'more' }
  | { readonly outcome: 'waiting'; readonly waitMs: number }
  | { readonly outcome: 'ended' };

/** Deliveries of one endpoint that are tried side by side. */
const AT_ONCE = 10;

/** New deliveries let into the lane at once, when there is little to send and when there is enough. */
const ARRIVALS = { whenShort: 200, whenBusy: 20 } as const;

/** An activity of its own after so long; a try that runs then is still waited for. */
const TURN_MS = 15_000;

const HEARTBEAT_EVERY_MS = 1000;

/** How soon to look for new deliveries while others still wait for their answer; each look in vain doubles it. */
const LOOK_AFTER_MS = { first: 250, longest: 4000 } as const;

interface Tried {
  readonly webhook: DueWebhook;
  readonly answer: WebhookAnswer;
}

/**
 * Sends what is due in an endpoint's lane, some deliveries side by side, of each object only the oldest. Everything is
 * remembered in the database: a delivery whose answer was not noted before a crash is sent again, under the same unique
 * key.
 */
export async function sendWebhooks(
  dependencies: ActivityDependencies,
  sending: WebhookSending,
  argument: WebhooksArgument,
): Promise<LaneOutcome> {
  const over = new AbortController();
  const beat = setInterval(() => heartbeat(), HEARTBEAT_EVERY_MS);
  try {
    const signal = AbortSignal.any([Context.current().cancellationSignal, over.signal]);
    return await runLane(dependencies, sending, argument, signal);
  } finally {
    clearInterval(beat);
    over.abort();
  }
}

async function runLane(
  dependencies: ActivityDependencies,
  sending: WebhookSending,
  argument: WebhooksArgument,
  signal: AbortSignal,
): Promise<LaneOutcome> {
  const { orm, realTime, fault } = dependencies;
  const startedAt = realTime().getTime();
  const signer = await signerOf(sending, argument);
  const trying = new Map<string, Promise<void>>();
  const tried: Tried[] = [];
  const start = ({ url, signatureAlgo }: LaneEndpoint, webhook: DueWebhook): void => {
    const headers = webhookHeaders(webhook.payload, signatureAlgo, webhook.id, signer);
    const send = async (): Promise<void> => {
      const answer = await sending.post({ url, headers, body: webhook.payload, signal });
      trying.delete(webhook.id);
      if (answer) tried.push({ webhook, answer });
    };
    trying.set(webhook.id, send());
  };
  let lookAfterMs: number = LOOK_AFTER_MS.first;
  for (;;) {
    const now = realTime();
    const goesOn = !signal.aborted && now.getTime() - startedAt < TURN_MS;
    // Both in one moment: a try that ends during the transaction would else be in neither, and be taken for one that is
    // due.
    const [results, open] = [tried.splice(0), [...trying.keys()]];
    if (results.length > 0) fault('webhooks:before-record');
    const facts = { now, results, trying: open, takes: goesOn, random: sending.random };
    const turn = await orm.em.fork().transactional((em) => takeTurn(em, argument, facts));
    for (const webhook of turn.due) start(turn.endpoint!, webhook);
    if (trying.size === 0 && tried.length === 0) {
      if (turn.outcome) return turn.outcome;
      if (!goesOn) return { outcome: 'more' };
    } else if (tried.length === 0) {
      const isIdle = results.length === 0 && turn.due.length === 0;
      lookAfterMs = isIdle ? Math.min(lookAfterMs * 2, LOOK_AFTER_MS.longest) : LOOK_AFTER_MS.first;
      await anyOf(trying.values(), goesOn && turn.hasRoom ? lookAfterMs : null);
      // What has been answered in the same moment is noted by the same statement.
      await yieldToOthers();
    }
  }
}

/** Waits for one of them, or for a time if one is given. */
async function anyOf(promises: Iterable<Promise<void>>, limitMs: number | null): Promise<void> {
  if (limitMs === null) return Promise.race(promises);
  const timer = new AbortController();
  const limit = delay(limitMs, undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    await Promise.race([...promises, limit]);
  } finally {
    timer.abort();
  }
}

async function signerOf(
  { keys, issuer }: WebhookSending,
  { organizationId }: WebhooksArgument,
): Promise<WebhookSigner> {
  return { privateKey: await keys.privateKey(), hmacKey: await keys.hmacKey(organizationId), issuer };
}

interface Turn {
  /** null: it was deleted, and its deliveries with it. */
  readonly endpoint: LaneEndpoint | null;
  readonly due: readonly DueWebhook[];
  /** Whether more could be tried side by side, if there were more. */
  readonly hasRoom: boolean;
  /** Set when there is nothing to wait for in this activity. */
  readonly outcome?: LaneOutcome;
}

interface TurnFacts {
  /** Real time. */
  readonly now: Date;
  readonly results: readonly Tried[];
  readonly trying: readonly string[];
  /** Whether more deliveries may be taken. */
  readonly takes: boolean;
  readonly random: () => number;
}

/** Notes what has been tried, and takes what is due; a transaction of a few short statements. */
async function takeTurn(em: EntityManager, argument: WebhooksArgument, facts: TurnFacts): Promise<Turn> {
  const { actId, endpointId } = argument;
  const { now, trying, takes } = facts;
  const endpoint = await lockLane(em, endpointId);
  if (!endpoint) {
    await finishActs(em, [actId]);
    return { endpoint, due: [], hasRoom: false, outcome: { outcome: 'ended' } };
  }
  await markWorking(em, actId);
  const condition = await noteResults(em, argument, endpoint, facts);
  if (!takes) return { endpoint, due: [], hasRoom: false };
  const isPaused = condition.pausedUntil !== null && condition.pausedUntil > now;
  const atOnce = condition.failures >= DOWN_AFTER_FAILURES ? 1 : AT_ONCE;
  const limit = isPaused ? 0 : Math.max(0, atOnce - trying.length);
  const take = (): Promise<DueWebhook[]> => takeDue(em, endpointId, { now, trying, limit });
  let due = limit > 0 ? await take() : [];
  // Where there is enough to do new deliveries only get in line, so that they wait no longer than what came before
  // them.
  const isShort = due.length < limit;
  const admitted =
    limit > 0 ? await admitArrivals(em, endpointId, now, isShort ? ARRIVALS.whenShort : ARRIVALS.whenBusy) : 0;
  if (isShort && admitted > 0) due = await take();
  const hasRoom = due.length < limit;
  if (due.length > 0 || trying.length > 0 || admitted > 0) return { endpoint, due, hasRoom };

  const dueAt = isPaused ? condition.pausedUntil : await nextDue(em, endpointId);
  await markWaitingUntil(em, actId, dueAt);
  const outcome: LaneOutcome =
    dueAt === null
      ? { outcome: 'ended' }
      : { outcome: 'waiting', waitMs: Math.max(1, dueAt.getTime() - now.getTime()) };
  return { endpoint, due, hasRoom, outcome };
}

type Condition = Pick<LaneEndpoint, 'failures' | 'pausedUntil'>;

/** @returns how the endpoint does after these tries. */
async function noteResults(
  em: EntityManager,
  { endpointId }: WebhooksArgument,
  endpoint: LaneEndpoint,
  { now, results, random }: TurnFacts,
): Promise<Condition> {
  if (results.length === 0) return endpoint;
  await recordResults(
    em,
    endpointId,
    results.map((tried) => resultOf(tried, now, random())),
    now,
  );
  let { failures } = endpoint;
  let isBack = false;
  for (const { answer } of results) {
    isBack ||= answer.acknowledged && failures >= BACK_AFTER_FAILURES;
    failures = answer.acknowledged ? 0 : failures + 1;
  }
  const isDown = failures >= DOWN_AFTER_FAILURES;
  const condition = { failures, pausedUntil: isDown ? new Date(now.getTime() + DOWN_PAUSE_MS) : null };
  if (failures !== endpoint.failures || isDown) await recordEndpoint(em, endpointId, condition);
  if (isBack) await hastenRetries(em, endpointId, now);
  return condition;
}

/** A failed try is the last one when the delivery has expired; the last one before is at the moment it expires. */
function resultOf({ webhook, answer }: Tried, now: Date, random: number): WebhookResult {
  const { id, retries, expiresAt } = webhook;
  const { httpStatus, response } = answer;
  if (answer.acknowledged) return { id, status: 'succeeded', httpStatus, response, nextAttemptAt: null };
  if (now >= expiresAt) return { id, status: 'failed', httpStatus, response, nextAttemptAt: null };
  const next = Math.min(now.getTime() + waitAfterFailure(retries + 1, random), expiresAt.getTime());
  return { id, status: 'retrying', httpStatus, response, nextAttemptAt: new Date(next) };
}
