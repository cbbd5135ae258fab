// Which acts start at once behind an answer, and what becomes of those that wait for a pause.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { ActStarter } from '../../../activities/acts/start-acts.ts';
import { startBehindAnswers, type BackgroundStarts } from '../../../activities/acts/start-behind-answers.ts';
import type { StartableAct } from '../../../db/acts/act.ts';
import { until } from '../../support/until.ts';
import { listeningApp, type Caller, type ListeningApp } from '../api/listening-app.ts';

const REAL_NOW = new Date('2023-01-15T10:00:00Z');

let app: ListeningApp;
let caller: Caller;
let starts: BackgroundStarts;
let begun: StartableAct[];
/** Lets what waits for a pause go on; those that come by it later go on at once. */
let pauses: () => void;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization();
  begun = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  pauses = resolve;
  const start: ActStarter['start'] = (acts) => {
    begun.push(...acts);
    return Promise.resolve({ started: acts, failed: [] });
  };
  starts = startBehindAnswers({
    orm: app.orm,
    starter: { start, wake: start },
    log: pino({ level: 'silent' }),
    realTime: () => REAL_NOW,
    pause: () => promise,
  });
});
afterAll(() => app.close());

interface Started {
  readonly first: string;
  readonly period: string;
}

/** The acts of a subscription paid in advance, to be started: its first invoice, now, and its period. */
async function subscribed(): Promise<Started> {
  await caller.send('PUT', '/test_clock', {
    test_clock: { frozen_time: REAL_NOW.toISOString(), mode: 'jump' },
  });
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'P',
      code: 'p',
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: true,
    },
  });
  return subscribedTo('s');
}

async function subscribedTo(externalId: string): Promise<Started> {
  const before = app.started.length;
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c', external_id: externalId, plan_code: 'p' },
  });
  const acts = app.started.slice(before);
  expect(acts.map(({ kind }) => kind).toSorted()).toEqual(['period', 'start']);
  starts.start(acts);
  const idOf = (kind: string) => acts.find((act) => act.kind === kind)!.id;
  return { first: idOf('start'), period: idOf('period') };
}

const ids = () => begun.map(({ id }) => id);
const stateOf = async (id: string) =>
  (await app.rows<{ state: string }>('select state from acts where id = $1', [id]))[0]!.state;
const isMarked = (id: string) => until(async () => (await stateOf(id)) !== 'wanted', `${id} has started`);

test('what is due at once starts at once, what is due far ahead in a pause', async () => {
  const { first, period } = await subscribed();
  await isMarked(first);
  expect([ids(), await stateOf(first), await stateOf(period)]).toEqual([[first], 'working', 'wanted']);
  pauses();
  await isMarked(period);
  expect([ids(), await stateOf(period)]).toEqual([[first, period], 'waiting']);
});

test('what is due within a minute of real time starts at once; under a test clock all that waits is far ahead', async () => {
  const { first, period } = await subscribed();
  await isMarked(first);
  const [row] = await app.rows<Record<string, unknown>>('select * from acts where id = $1', [period]);
  const act = (frozen: boolean, seconds: number) => ({
    ...(app.started.find(({ id }) => id === period) as StartableAct),
    id: `period/${frozen}/${seconds}`,
    argument: { ...(row!['argument'] as object), frozen },
    dueAt: new Date(REAL_NOW.getTime() + seconds * 1000),
  });
  starts.start([act(false, -1), act(false, 60), act(false, 61), act(true, 1)]);
  await until(() => begun.length === 3, 'two more have started');
  expect(ids()).toEqual([first, 'period/false/-1', 'period/false/60']);
});

describe('what waits for a pause', () => {
  test('starts as its row says by then', async () => {
    const { first, period } = await subscribed();
    await isMarked(first);
    await app.rows(`update acts set due_at = '2023-01-20T00:00:00Z' where id = $1`, [period]);
    pauses();
    await isMarked(period);
    expect(begun[1]).toMatchObject({ id: period, dueAt: new Date('2023-01-20T00:00:00Z') });
  });

  test.each([
    ['done', `state = 'done'`],
    ['to be woken', `verb = 'signal', leased_until = null`],
    ['free for the dispatcher', `leased_until = clock_timestamp() - interval '1 second'`],
  ])('does not start when it is %s by then', async (_, change) => {
    const { first, period } = await subscribed();
    await isMarked(first);
    await app.rows(`update acts set ${change} where id = $1`, [period]);
    const [before] = await app.rows('select * from acts where id = $1', [period]);
    pauses();
    const next = await subscribedTo('next');
    await isMarked(next.period);
    expect(await app.rows('select * from acts where id = $1', [period])).toEqual([before]);
    expect(new Set(ids())).toEqual(new Set([first, next.first, next.period]));
  });

  test('is left to the dispatcher by a process that ends', async () => {
    const { first, period } = await subscribed();
    await starts.settled();
    expect([ids(), await stateOf(first), await stateOf(period)]).toEqual([[first], 'working', 'wanted']);
    pauses();
    await starts.settled();
    expect(await stateOf(period)).toBe('wanted');
  });
});
