import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { EntityManager } from '@mikro-orm/postgresql';
import { deleteOldAnswers } from '../../../activities/idempotency/delete-old-answers.ts';
import type { FaultName } from '../../../activities/fault-point.ts';
import { answerOnce } from '../../../activities/idempotency/answer-once.ts';
import type { KeyedRequest } from '../../../activities/idempotency/keyed-request.ts';
import { notFound as refusalNotFound } from '../../../billing/refusal.ts';
import { lockCustomer } from '../../../db/customer-lock.ts';
import { sql } from '../../../db/sql.ts';
import { billingFixture } from '../../support/billing-fixture.ts';
import { until } from '../../support/until.ts';
import {
  ADMIN_KEY,
  asPlain,
  at,
  listeningApp,
  notFound,
  textAt,
  validationErrors,
  type Answer,
  type Caller,
  type ListeningApp,
} from '../api/listening-app.ts';
import { keptRefusal } from '../../../api/idempotency/kept-refusal.ts';

const answering = { keptRefusal, fault: () => undefined };

let app: ListeningApp;
let caller: Caller;
/** Throws once at this place. */
let broken: FaultName | undefined;

beforeAll(async () => {
  app = await listeningApp({
    fault: (name) => {
      if (name !== broken) return;
      broken = undefined;
      throw new Error('a bug');
    },
  });
});
beforeEach(async () => {
  caller = await app.organization();
});
afterAll(() => app.close());

const KEY = { 'Idempotency-Key': 'key-1' };
const customer = (externalId: string) => ({ customer: { external_id: externalId, name: 'Ann' } });
const plan = {
  plan: {
    name: 'Plan',
    code: 'plan',
    interval: 'monthly',
    amount_cents: 100,
    amount_currency: 'EUR',
    pay_in_advance: false,
  },
};
const subscription = {
  subscription: { external_customer_id: 'ann', external_id: 'sub', plan_code: 'plan' },
};

const REUSED = { status: 422, body: { status: 422, error: 'Unprocessable Entity', code: 'idempotency_key_reused' } };
const IN_USE = { status: 409, body: { status: 409, error: 'Conflict', code: 'idempotency_key_in_use' } };

const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = KEY) =>
  caller.send('POST', path, body, headers);
const isRepeated = ({ headers }: Answer) => headers.get('Idempotent-Replayed') === 'true';

const countOf = async (table: 'customers' | 'subscriptions' | 'events' | 'idempotency_keys'): Promise<number> => {
  const [row] = await app.rows<{ count: string }>(`select count(*) from ${table} where organization_id = $1`, [
    caller.organizationId,
  ]);
  return Number(row?.count);
};

/** Keeps the rows of an organization's new customers waiting until it is released. */
async function heldOrganization(): Promise<{ release: () => Promise<void> }> {
  const held = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const done = app.orm.em.fork().transactional(async (em) => {
    await sql(em, 'select 1 from organizations where id = $1 for no key update', [caller.organizationId]);
    held.resolve();
    await released.promise;
  });
  await held.promise;
  return {
    release: async () => {
      released.resolve();
      await done;
    },
  };
}

/** The server processes of requests that wait for a lock in this database. */
const waiting = () =>
  app.rows<{ pid: number }>(
    `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );

describe('a request with an Idempotency-Key', () => {
  test('is answered once: repeated, the answer and its workflow are the same, and nothing is done again', async () => {
    await caller.ok('POST', '/plans', plan);
    const started = app.started.length;
    const first = await post('/subscriptions', subscription);
    const second = await post('/subscriptions', subscription);
    expect(first.status).toBe(200);
    expect(asPlain(second)).toEqual(asPlain(first));
    for (const header of ['Durabill-Workflow-Id', 'Durabill-Workflow-Url', 'Content-Type']) {
      expect(first.headers.get(header)).not.toBeNull();
      expect(second.headers.get(header)).toBe(first.headers.get(header));
    }
    expect([isRepeated(first), isRepeated(second)]).toEqual([false, true]);
    expect(app.started.slice(started)).toHaveLength(1);
    // Still the first answer, after the thing has changed.
    await caller.ok('POST', '/subscriptions', subscription);
    await app.rows(`update subscriptions set name = 'changed' where organization_id = $1`, [caller.organizationId]);
    expect(asPlain(await post('/subscriptions', subscription))).toEqual(asPlain(first));
    expect([await countOf('subscriptions'), await countOf('idempotency_keys')]).toEqual([1, 1]);
  });

  test('is another with another key, and as before without one', async () => {
    await post('/customers', customer('ann'));
    expect(isRepeated(await post('/customers', customer('ann'), { 'Idempotency-Key': 'key-2' }))).toBe(false);
    expect(isRepeated(await post('/customers', customer('ann'), {}))).toBe(false);
    expect(await countOf('idempotency_keys')).toBe(2);
  });

  test('may be written otherwise, as long as it says the same', async () => {
    const first = await post('/customers', '{"customer": {"external_id": "ann", "name": "Ann"}}');
    const second = await post('/customers', '{ "customer":{"name":"\\u0041nn",\n"external_id":"ann"}}');
    expect(isRepeated(second)).toBe(true);
    expect(asPlain(second)).toEqual(asPlain(first));
  });

  test('is refused when the key stands for another body, path, query or method', async () => {
    await post('/customers', customer('ann'));
    for (const [method, path, body] of [
      ['POST', '/customers', customer('bob')],
      ['POST', '/customers', { customer: { external_id: 'ann' } }],
      ['POST', '/customers', {}],
      ['POST', '/customers?page=2', customer('ann')],
      ['POST', '/plans', plan],
      ['DELETE', '/customers/ann', undefined],
    ] as const) {
      expect(asPlain(await caller.send(method, path, body, KEY))).toEqual(REUSED);
    }
    expect(await countOf('customers')).toBe(1);
    expect((await caller.send('GET', '/customers/ann')).status).toBe(200);
  });

  test('keeps all digits apart where the route does', async () => {
    const event = (amount: string) =>
      `{"event": {"transaction_id": "t", "external_subscription_id": "s", "code": "c", "properties": {"x": ${amount}}}}`;
    expect((await post('/events', event('0.12345678901234567890'))).status).toBe(200);
    expect(isRepeated(await post('/events', event('0.12345678901234567890')))).toBe(true);
    expect(asPlain(await post('/events', event('0.12345678901234567891')))).toEqual(REUSED);
    expect(await countOf('events')).toBe(1);
  });

  test('has a key of its organization: another organization may use the same, and the operator too', async () => {
    const other = await app.organization();
    const first = await post('/customers', customer('ann'));
    const theirs = await other.send('POST', '/customers', customer('ann'), KEY);
    expect(isRepeated(theirs)).toBe(false);
    expect(at(theirs.body, 'customer.lago_id')).not.toBe(at(first.body, 'customer.lago_id'));
  });

  test('must be allowed, also when it is repeated', async () => {
    await post('/customers', customer('ann'));
    expect((await app.send('unknown', 'POST', '/api/v1/customers', customer('ann'), KEY)).status).toBe(401);
    await app.rows(`update api_keys set permissions = '{"customer": ["read"]}' where organization_id = $1`, [
      caller.organizationId,
    ]);
    expect(asPlain(await post('/customers', customer('ann')))).toMatchObject({
      status: 403,
      body: { code: 'write_action_not_allowed_for_customer' },
    });
  });

  test.each([
    ['PUT', '/test_clock', { test_clock: { frozen_time: '2030-05-01T00:00:00Z', mode: 'jump' } }, 202],
    ['POST', '/test_clock/run', undefined, 202],
    ['PUT', '/organizations', { organization: { name: 'Other' } }, 200],
  ] as const)('may be any that changes something: %s %s', async (method, path, body, status) => {
    const first = await caller.send(method, path, body, KEY);
    const second = await caller.send(method, path, body, KEY);
    expect(first.status).toBe(status);
    expect(asPlain(second)).toEqual(asPlain(first));
    expect(isRepeated(second)).toBe(true);
  });

  test('sees what it has written: the moved clock is in its own answer', async () => {
    const answer = await caller.send(
      'PUT',
      '/test_clock',
      { test_clock: { frozen_time: '2030-05-01T00:00:00Z', mode: 'jump' } },
      KEY,
    );
    expect(at(answer.body, 'test_clock.frozen_time')).toBe('2030-05-01T00:00:00Z');
  });

  test('may be a DELETE, whose answer stays after the thing is gone', async () => {
    await caller.ok('POST', '/customers', customer('ann'));
    const first = await caller.send('DELETE', '/customers/ann', undefined, KEY);
    expect(first.status).toBe(200);
    expect(asPlain(await caller.send('DELETE', '/customers/ann', undefined, KEY))).toEqual(asPlain(first));
    expect((await caller.send('DELETE', '/customers/ann')).status).toBe(404);
  });

  test('may be one that bills what was missed first: all of it is one transaction, on one connection', async () => {
    const jumpTo = (to: string) => caller.send('PUT', '/test_clock', { test_clock: { frozen_time: to, mode: 'jump' } });
    await jumpTo('2023-01-15T00:00:00Z');
    await caller.ok('POST', '/plans', plan);
    await caller.ok('POST', '/subscriptions', subscription);
    await jumpTo('2023-03-15T00:00:00Z');
    const invoices = () => app.rows('select 1 from invoices where organization_id = $1', [caller.organizationId]);
    const end = () => caller.send('DELETE', '/subscriptions/sub', undefined, KEY);
    broken = 'request:before-commit';
    expect((await end()).status).toBe(500);
    expect(await invoices()).toEqual([]);
    // More at once than the pool has connections: none waits for a second one that another has.
    const answers = await Promise.all(Array.from({ length: 40 }, end));
    const done = answers.filter(({ status }) => status === 200);
    expect(done.filter((answer) => !isRepeated(answer))).toHaveLength(1);
    expect(await invoices()).toHaveLength(2);
  });

  test('does not count on a GET', async () => {
    expect((await caller.send('GET', '/customers', undefined, KEY)).status).toBe(200);
    expect((await caller.send('GET', '/plans', undefined, KEY)).status).toBe(200);
    expect(await countOf('idempotency_keys')).toBe(0);
  });

  test.each([
    ['', ['value_is_mandatory']],
    ['k'.repeat(256), ['value_is_too_long']],
    ['a b', ['value_is_invalid']],
    ['é', ['value_is_invalid']],
  ])('is refused with a key that nobody should send: "%s"', async (key, codes) => {
    const answer = await post('/customers', customer('ann'), { 'Idempotency-Key': key });
    expect(asPlain(answer)).toEqual(validationErrors({ 'Idempotency-Key': codes }));
    expect(await countOf('customers')).toBe(0);
  });

  test('takes a key of 255 characters', async () => {
    expect((await post('/customers', customer('ann'), { 'Idempotency-Key': '~'.repeat(255) })).status).toBe(200);
  });
});

describe('a refusal', () => {
  test('is kept like any answer', async () => {
    expect(asPlain(await post('/subscriptions', subscription))).toEqual(notFound('plan'));
    await caller.ok('POST', '/plans', plan);
    const again = await post('/subscriptions', subscription);
    expect(asPlain(again)).toEqual(notFound('plan'));
    expect(isRepeated(again)).toBe(true);
    expect((await post('/subscriptions', subscription, { 'Idempotency-Key': 'key-2' })).status).toBe(200);
  });

  test('of the input is kept too, but not one of a body that could not be read', async () => {
    const invalid = { customer: { name: 'Ann' } };
    const first = await post('/customers', invalid);
    expect(asPlain(first)).toEqual(validationErrors({ external_id: ['value_is_mandatory'] }));
    expect(isRepeated(await post('/customers', invalid))).toBe(true);
    expect(asPlain(await post('/customers', customer('ann')))).toEqual(REUSED);
    expect((await post('/customers', '{"broken', { 'Idempotency-Key': 'key-2' })).status).toBe(400);
    expect((await post('/customers', customer('ann'), { 'Idempotency-Key': 'key-2' })).status).toBe(200);
  });

  test('takes back what the request had done before it', async () => {
    await caller.ok('POST', '/plans', plan);
    await caller.ok('POST', '/subscriptions', subscription);
    const stolen = { subscription: { ...subscription.subscription, external_customer_id: 'a new customer' } };
    const refused = await post('/subscriptions', stolen);
    expect(asPlain(refused)).toEqual(validationErrors({ external_id: ['value_already_exist'] }));
    expect(await countOf('customers')).toBe(1);
    expect(isRepeated(await post('/subscriptions', stolen))).toBe(true);
  });

  test('of a busy customer is not kept: the same request works once nobody is in its way', async () => {
    const id = textAt(await caller.ok('POST', '/customers', customer('ann')), 'customer.lago_id');
    const changed = { customer: { external_id: 'ann', name: 'Changed' } };
    await app.orm.em.fork().transactional(async (em) => {
      await lockCustomer(em, id);
      const busy = await post('/customers', changed);
      expect(asPlain(busy)).toMatchObject({ status: 422, body: { code: 'lock_acquisition_failed' } });
    });
    expect(at((await post('/customers', changed)).body, 'customer.name')).toBe('Changed');
  });

  test('of a clock that still moves is not kept', async () => {
    await caller.send('POST', '/test_clock/run');
    const move = () => caller.send('POST', '/test_clock/run', undefined, KEY);
    expect(asPlain(await move())).toMatchObject({ status: 409, body: { code: 'test_clock_is_advancing' } });
    await app.rows(`update acts set state = 'done' where organization_id = $1`, [caller.organizationId]);
    expect((await move()).status).toBe(202);
  });
});

describe('an error of ours', () => {
  test.each(['request:before-commit', 'request:after-commit'] as const)(
    '%s loses nothing and does nothing twice',
    async (place) => {
      broken = place;
      const failed = await post('/customers', customer('ann'));
      expect(failed.status).toBe(500);
      expect(await countOf('customers')).toBe(place === 'request:before-commit' ? 0 : 1);
      const again = await post('/customers', customer('ann'));
      expect([again.status, isRepeated(again)]).toEqual([200, place === 'request:after-commit']);
      expect([await countOf('customers'), await countOf('idempotency_keys')]).toEqual([1, 1]);
    },
  );

  test('leaves no key locked when the connection breaks off', async () => {
    const held = await heldOrganization();
    const first = post('/customers', customer('ann'));
    await until(async () => (await waiting()).length === 1, 'the request waits');
    await app.rows('select pg_terminate_backend($1)', [(await waiting())[0]?.pid]);
    expect((await first).status).toBe(503);
    await held.release();
    const again = await post('/customers', customer('ann'));
    expect([again.status, isRepeated(again)]).toEqual([200, false]);
    expect(await countOf('customers')).toBe(1);
  });
});

describe('requests at the same time', () => {
  test('wait for nobody: while the first runs, the others are told so', async () => {
    const held = await heldOrganization();
    const first = post('/customers', customer('ann'));
    await until(async () => (await waiting()).length === 1, 'the request waits');
    expect(asPlain(await post('/customers', customer('ann')))).toEqual(IN_USE);
    expect(asPlain(await post('/customers', customer('bob')))).toEqual(IN_USE);
    // Another key waits for nobody's key.
    expect((await post('/plans', plan, { 'Idempotency-Key': 'key-2' })).status).toBe(200);
    await held.release();
    expect((await first).status).toBe(200);
    expect(asPlain(await post('/customers', customer('ann')))).toEqual(asPlain(await first));
  });

  test('50 identical ones do it once', async () => {
    const started = app.started.length;
    await caller.ok('POST', '/plans', plan);
    const answers = await Promise.all(Array.from({ length: 50 }, () => post('/subscriptions', subscription)));
    const done = answers.filter(({ status }) => status === 200);
    expect(done.filter((answer) => !isRepeated(answer))).toHaveLength(1);
    expect(new Set(done.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    for (const other of answers.filter(({ status }) => status !== 200)) expect(asPlain(other)).toEqual(IN_USE);
    expect(app.started.slice(started)).toHaveLength(1);
    expect([await countOf('subscriptions'), await countOf('customers'), await countOf('idempotency_keys')]).toEqual([
      1, 1, 1,
    ]);
    // Once it is answered nobody is refused any more.
    const later = await Promise.all(Array.from({ length: 50 }, () => post('/subscriptions', subscription)));
    expect(later.every((answer) => answer.status === 200 && isRepeated(answer))).toBe(true);
  });

  test('50 with keys of their own do not hold each other up', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        post('/customers', customer(`c${index}`), { 'Idempotency-Key': `key-${index}` }),
      ),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await countOf('customers')).toBe(50);
  });
});

describe('an answer with a secret', () => {
  const create = (name: string) => app.send(ADMIN_KEY, 'POST', '/admin/organizations', { organization: { name } }, KEY);

  test('is repeated, and cannot be read in the database', async () => {
    const first = await create('Kept');
    const second = await create('Kept');
    expect(first.status).toBe(200);
    expect(asPlain(second)).toEqual(asPlain(first));
    expect(isRepeated(second)).toBe(true);
    expect(asPlain(await create('Other'))).toEqual(REUSED);
    const rows = await app.rows(`select * from idempotency_keys where organization_id is null`);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(textAt(first.body, 'organization.api_key'));
    expect(await app.rows(`select 1 from organizations where name = 'Kept'`)).toHaveLength(1);
  });
});

describe('work that is undone or done meanwhile', () => {
  const keyed = (organizationId: string): KeyedRequest => ({
    organizationId,
    key: 'k',
    fingerprint: Buffer.from('f'),
    sealedWith: null,
  });

  test('a refusal takes back what the work has written, and is kept', async () => {
    const { em, organizationId } = await billingFixture(app.orm, '2026-01-01T00:00:00Z');
    const request = keyed(organizationId);
    let worked = 0;
    const work = async (transaction: EntityManager) => {
      worked += 1;
      await sql(transaction, `update organizations set name = 'Changed' where id = $1`, [organizationId]);
      throw refusalNotFound('plan');
    };
    const first = await answerOnce(em, request, answering, work);
    expect(first).toMatchObject({ repeated: false, given: { status: 404 } });
    expect(await app.rows('select name from organizations where id = $1', [organizationId])).toEqual([
      { name: 'Fixture' },
    ]);
    expect(await answerOnce(em, request, answering, work)).toEqual({ ...first, repeated: true });
    expect(worked).toBe(1);
  });

  test('who finds no answer and comes to the lock after the first has committed, finds it then', async () => {
    const { em, organizationId } = await billingFixture(app.orm, '2026-01-01T00:00:00Z');
    const request = keyed(organizationId);
    let worked = 0;
    const work = () => Promise.resolve({ status: 200, body: String(++worked), workflowId: null });
    const late = em.fork();
    const begin = late.transactional.bind(late);
    late.transactional = async (...parameters) => {
      await answerOnce(em, request, answering, work);
      return begin(...parameters);
    };
    expect(await answerOnce(late, request, answering, work)).toMatchObject({
      repeated: true,
      given: { body: '1' },
    });
    expect(worked).toBe(1);
  });
});

test('answers are kept for 30 days', async () => {
  await post('/customers', customer('ann'));
  await post('/customers', customer('bob'), { 'Idempotency-Key': 'key-2' });
  await app.rows(
    `update idempotency_keys set created_at = created_at - interval '30 days' - interval '1 minute' where key = 'key-1'`,
  );
  const fixture = await billingFixture(app.orm, '2026-01-01T00:00:00Z');
  const deleted = await new MockActivityEnvironment().run(() => deleteOldAnswers(fixture.dependencies));
  expect(deleted).toBeGreaterThan(0);
  expect(isRepeated(await post('/customers', customer('ann')))).toBe(false);
  expect(isRepeated(await post('/customers', customer('bob'), { 'Idempotency-Key': 'key-2' }))).toBe(true);
});
