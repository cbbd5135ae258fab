// A test clock that several want to move at once.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { advanceClock } from '../../../activities/advance-clock.ts';
import { advance } from '../../../activities/move-clock.ts';
import { sql } from '../../../db/sql.ts';
import { activityDependencies } from '../../support/activity-dependencies.ts';
import { until } from '../../support/until.ts';
import { whileHeld } from '../../support/while-held.ts';
import { asPlain, at, listeningApp, textAt, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization();
  await move('2023-03-01T00:00:00Z', 'jump');
});
afterAll(() => app.close());

const move = (to: string, mode: 'jump' | 'advance' = 'advance') =>
  caller.send('PUT', '/test_clock', { test_clock: { frozen_time: to, mode } });

const MOVING = { status: 409, body: { status: 409, error: 'Conflict', code: 'test_clock_is_advancing' } };

const frozenTime = async () => at(await caller.ok('GET', '/test_clock'), 'test_clock.frozen_time');
const moves = () =>
  app.rows<{ id: string; argument: never }>(
    `select id, argument from acts where organization_id = $1 and kind = 'clock'`,
    [caller.organizationId],
  );

describe('while a clock moves', () => {
  test('it is not moved otherwise: not on, not back, not over what is due', async () => {
    expect((await move('2023-03-05T00:00:00Z')).status).toBe(202);
    expect(asPlain(await move('2023-03-06T00:00:00Z'))).toEqual(MOVING);
    expect(asPlain(await move('2023-02-01T00:00:00Z', 'jump'))).toEqual(MOVING);
    expect(asPlain(await caller.send('POST', '/test_clock/run'))).toEqual(MOVING);
    expect(await moves()).toHaveLength(1);
    expect(await frozenTime()).toBe('2023-03-01T00:00:00Z');
  });

  test('whoever comes at the same moment waits, and is told', async () => {
    const answer = await whileHeld(
      app.orm,
      (em) => advance(em, caller.organizationId, new Date('2023-03-05T00:00:00Z')),
      () => move('2023-03-06T00:00:00Z'),
    );
    expect(asPlain(answer)).toEqual(MOVING);
    expect(await moves()).toHaveLength(1);
  });
});

test('two who move a clock by the same act take turns: neither passes work that the other has woken', async () => {
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'Plan',
      code: 'p',
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: false,
    },
  });
  const made = await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c1', external_id: 's1', plan_code: 'p' },
  });
  await move('2023-05-15T00:00:00Z');
  const [act] = await moves();
  const ofPeriod = [textAt(made, 'subscription.lago_id')];
  let looks = 0;
  const dependencies = activityDependencies(app.orm, () => {
    looks += 1;
    return new Date('2023-03-01T00:00:00Z');
  });
  let hasFinished = false;
  // The first has just come to the end of the period, and wakes it.
  const second = await whileHeld(
    app.orm,
    async (em) => {
      await sql(em, 'select 1 from organizations where id = $1 for no key update', [caller.organizationId]);
      await sql(em, `update acts set state = 'working' where kind = 'period' and subscription_id = $1`, ofPeriod);
      await sql(em, 'update organizations set clock_now = $2 where id = $1', [
        caller.organizationId,
        '2023-04-01T00:00:00Z',
      ]);
    },
    () => {
      const finished = new MockActivityEnvironment().run(() => advanceClock(dependencies, act!.argument));
      void finished.then(() => (hasFinished = true));
      return Promise.resolve({ finished });
    },
  );
  const before = looks;
  await until(() => hasFinished || looks > before + 3, 'the second has looked again and again');
  expect([hasFinished, await frozenTime()]).toEqual([false, '2023-04-01T00:00:00Z']);
  await app.rows(`update acts set state = 'done' where kind = 'period' and subscription_id = $1`, ofPeriod);
  expect(await second.finished).toBe('finished');
  expect(await frozenTime()).toBe('2023-05-15T00:00:00Z');
});
