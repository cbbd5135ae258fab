// A test clock that several want to move at once.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { advanceClock } from '../../../activities/test-clock/advance-clock.ts';
import { readAllowedNetworks } from '../../../activities/webhooks/allowed-networks.ts';
import type { ActivityDependencies } from '../../../activities/dependencies.ts';
import { makeActivities } from '../../../activities/index.ts';
import { advance } from '../../../activities/test-clock/move-clock.ts';
import { makePostWebhook } from '../../../activities/webhooks/post-webhook.ts';
import { makeWebhookKeys } from '../../../activities/webhooks/webhook-keys.ts';
import { sql } from '../../../db/sql.ts';
import { activityDependencies } from '../../support/activity-dependencies.ts';
import { until } from '../../support/until.ts';
import { whileHeld } from '../../support/while-held.ts';
import {
  asPlain,
  at,
  listeningApp,
  textAt,
  validationErrors,
  type Caller,
  type ListeningApp,
} from '../api/listening-app.ts';

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
      (em) => advance(em, caller, new Date('2023-03-05T00:00:00Z')),
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

describe('a step', () => {
  const far = { frozen_time: ['cannot_be_more_than_20_years_ahead'] };

  test.each([
    ['advance', '2043-03-01T00:00:00Z', 202],
    ['advance', '2043-03-01T00:00:00.001Z', 422],
    ['advance', '9999-12-31T23:59:59Z', 422],
    ['jump', '9999-12-31T23:59:59Z', 422],
    ['jump', '2043-03-01T00:00:00Z', 202],
    ['jump', '1000-01-01T00:00:00Z', 202],
  ] as const)('of the kind %s to %s is answered %i', async (mode, to, status) => {
    const answer = await move(to, mode);
    expect([answer.status, at(answer.body, 'error_details')]).toEqual([status, status === 422 ? far : undefined]);
    expect(await moves()).toHaveLength(status === 202 && mode === 'advance' ? 1 : 0);
    expect(await frozenTime()).toBe(status === 202 && mode === 'jump' ? to : '2023-03-01T00:00:00Z');
  });

  test.each([
    ['1000-01-01T00:00:00Z', '0999-12-31T23:59:59Z'],
    ['9000-12-31T23:59:59Z', '9001-01-01T00:00:00Z'],
  ])('leads to %s and not to %s, and there every interval has its periods in every zone', async (edge, beyond) => {
    await app.rows('update organizations set clock_now = $1 where id = $2', [edge, caller.organizationId]);
    expect(asPlain(await move(beyond, 'jump'))).toEqual(validationErrors({ frozen_time: ['value_is_out_of_range'] }));
    for (const timezone of ['Etc/GMT+12', 'Pacific/Kiritimati']) {
      await caller.ok('POST', '/customers', { customer: { external_id: timezone, timezone } });
    }
    for (const interval of ['weekly', 'monthly', 'quarterly', 'semiannual', 'yearly']) {
      const plan = {
        name: 'Plan',
        code: interval,
        interval,
        amount_cents: 0,
        amount_currency: 'EUR',
        pay_in_advance: false,
      };
      await caller.ok('POST', '/plans', { plan });
      for (const timezone of ['Etc/GMT+12', 'Pacific/Kiritimati']) {
        const id = `${interval} ${timezone}`;
        await caller.ok('POST', '/subscriptions', {
          subscription: { external_customer_id: timezone, external_id: id, plan_code: interval },
        });
        await caller.ok(
          'GET',
          `/customers/${encodeURIComponent(timezone)}/current_usage?external_subscription_id=${encodeURIComponent(id)}`,
        );
      }
    }
  });

  test('may lead out of the past at once: by a jump to today, by advances of 20 years', async () => {
    await move('1950-06-01T00:00:00Z', 'jump');
    expect(asPlain(await move('1970-06-02T00:00:00Z'))).toEqual(validationErrors(far));
    const today = `${new Date().toISOString().slice(0, 19)}Z`;
    expect((await move(today, 'jump')).status).toBe(202);
    expect(await frozenTime()).toBe(today);
  });
});

describe('a move that is told to end', () => {
  const end = () => caller.send('DELETE', '/test_clock/advance');
  const clock = async () => at(await caller.ok('GET', '/test_clock'), 'test_clock');
  const subscribed = async () => {
    await caller.ok('POST', '/plans', {
      plan: {
        name: 'Plan',
        code: 'p',
        interval: 'weekly',
        amount_cents: 700,
        amount_currency: 'EUR',
        pay_in_advance: false,
      },
    });
    await caller.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: 'c1', external_id: 's1', plan_code: 'p', billing_time: 'anniversary' },
    });
  };
  const billed = async () =>
    (
      await app.rows<{ day: string }>(
        'select issuing_date::text as day from invoices where organization_id = $1 order by issuing_date',
        [caller.organizationId],
      )
    ).map(({ day }) => day);
  /** Moves the clock as its workflow does, until it ends; what it wakes is done here. */
  const play = async (meanwhile: (woken: number) => Promise<unknown>, attempt = 1) => {
    const acts = makeActivities(
      activityDependencies(app.orm, () => new Date()),
      {
        post: makePostWebhook({ allowed: readAllowedNetworks('false') }),
        keys: makeWebhookKeys(app.orm, 'the secret key of the tests'),
        issuer: 'https://billing.test',
        random: () => 0,
      },
    );
    let woken = 0;
    const starter: ActivityDependencies['starter'] = {
      ...activityDependencies(app.orm, () => new Date()).starter,
      wake: async (due) => {
        await meanwhile(++woken);
        for (const act of due) await acts.billPeriod(act.argument as never);
        return { started: [], failed: [] };
      },
    };
    const dependencies = activityDependencies(app.orm, () => new Date(), { starter });
    const [act] = await moves();
    return new MockActivityEnvironment({ attempt }).run(() => advanceClock(dependencies, act!.argument));
  };

  test('does the moment at work, stays there, and can go on later', async () => {
    await subscribed();
    await move('2043-03-01T00:00:00Z');
    let seen: unknown;
    const outcome = await play(async (woken) => {
      if (woken !== 3) return;
      const ending = await end();
      expect(ending.status).toBe(202);
      expect(ending.headers.get('Durabill-Workflow-Id')).toBe(`clock/${caller.organizationId}/1`);
      seen = await clock();
      expect(asPlain(await move('2023-04-01T00:00:00Z'))).toEqual(MOVING);
    });
    expect(outcome).toBe('finished');
    expect(seen).toEqual({
      frozen_time: '2023-03-22T00:00:00Z',
      status: 'advancing',
      move: { mode: 'advance', target: '2023-03-22T00:00:00Z', moment: '2023-03-22T00:00:00Z' },
    });
    expect(await billed()).toEqual(['2023-03-08', '2023-03-15', '2023-03-22']);
    expect(await frozenTime()).toBe('2023-03-22T00:00:00Z');
    expect(at(await clock(), 'move')).toBeNull();
    expect((await move('2023-04-01T00:00:00Z')).status).toBe(202);
  });

  test('also when it does what is due before a clock that was put far ahead', async () => {
    await subscribed();
    await move('2043-03-01T00:00:00Z', 'jump');
    await caller.send('POST', '/test_clock/run');
    expect(await play((woken) => (woken === 2 ? end() : Promise.resolve()))).toBe('finished');
    expect(await billed()).toHaveLength(2);
    expect(await frozenTime()).toBe('2043-03-01T00:00:00Z');
    expect((await caller.send('POST', '/test_clock/run')).status).toBe(202);
  });

  test('before it has woken anything does nothing, whenever its workflow comes to it', async () => {
    await subscribed();
    await move('2024-03-01T00:00:00Z');
    expect(at(await clock(), 'move')).toEqual({ mode: 'advance', target: '2024-03-01T00:00:00Z', moment: null });
    expect(at((await end()).body, 'test_clock.move')).toBeNull();
    expect(await play(() => Promise.reject(new Error('nothing is to be woken')))).toBe('finished');
    expect([await frozenTime(), await billed()]).toEqual(['2023-03-01T00:00:00Z', []]);
  });

  test('ends like one whose target was there, after a crash too', async () => {
    await subscribed();
    await move('2024-03-01T00:00:00Z');
    const crash = play(async (woken) => {
      if (woken !== 2) return;
      await end();
      throw new Error('the end of the process');
    });
    await expect(crash).rejects.toThrow('the end of the process');
    expect(await play(() => Promise.resolve(), 2)).toBe('finished');
    expect(await billed()).toEqual(['2023-03-08', '2023-03-15']);
    expect(await frozenTime()).toBe('2023-03-15T00:00:00Z');
  });

  test('may be none: the clock is answered as it stands', async () => {
    for (const answer of [await end(), await end()]) {
      expect(asPlain(answer)).toEqual({
        status: 202,
        body: { test_clock: { frozen_time: '2023-03-01T00:00:00Z', status: 'ready', move: null } },
      });
    }
    const live = await app.organization({ test_mode: false });
    expect(at((await live.send('DELETE', '/test_clock/advance')).body, 'code')).toBe('test_mode_required');
  });
});
