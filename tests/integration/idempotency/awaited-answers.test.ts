// Requests with an Idempotency-Key that await a workflow (docs/architecture/idempotency.md): however
// the first of them ends, whoever repeats it is told its outcome.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { deleteOldAnswers } from '../../../activities/idempotency/delete-old-answers.ts';
import type { FaultName } from '../../../activities/fault-point.ts';
import type { JoinAct } from '../../../activities/acts/join-act.ts';
import { answerAwaited } from '../../../activities/idempotency/answer-awaited.ts';
import { lockNameOf, type KeyedRequest } from '../../../activities/idempotency/keyed-request.ts';
import { notFound as refusalNotFound } from '../../../billing/refusal.ts';
import { lockCustomer } from '../../../db/customer-lock.ts';
import { sessionLocks, type SessionLocks } from '../../../db/session-locks.ts';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { billingFixture } from '../../support/billing-fixture.ts';
import { until } from '../../support/until.ts';
import {
  asPlain,
  at,
  listeningApp,
  notFound,
  textAt,
  type Answer,
  type Caller,
  type ListeningApp,
} from '../api/listening-app.ts';
import { keptRefusal } from '../../../api/idempotency/kept-refusal.ts';

const answering = { keptRefusal, fault: () => undefined };

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;
/** Those of another process. */
let others: SessionLocks;
/** Throws once at this place. */
let broken: FaultName | undefined;
/** Stands for the workflows; undefined: none answers. */
let join: JoinAct | undefined;

const NOW = '2026-01-15T10:30:00Z';

beforeAll(async () => {
  app = await listeningApp({
    fault: (name) => {
      if (name !== broken) return;
      broken = undefined;
      throw new Error('the end of the process');
    },
    join: (act, wakes) => join?.(act, wakes) ?? Promise.resolve('unanswered'),
  });
  others = sessionLocks(app.orm.config.get('clientUrl'));
});
beforeEach(async () => {
  [broken, join] = [undefined, undefined];
  caller = await app.organization();
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run(NOW);
  await plan(caller);
});
afterAll(() => app.close());

const KEY = { 'Idempotency-Key': 'key-1' };
const REUSED = { status: 422, body: { status: 422, error: 'Unprocessable Entity', code: 'idempotency_key_reused' } };
const IN_USE = { status: 409, body: { status: 409, error: 'Conflict', code: 'idempotency_key_in_use' } };

const plan = (who: Caller) =>
  who.ok('POST', '/plans', {
    plan: {
      name: 'Plan',
      code: 'p',
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: true,
    },
  });

/** The draft of a new customer's subscription. @returns its id. */
async function draft(name = 'c1', who = caller, by = acts): Promise<string> {
  await who.ok('POST', '/customers', {
    customer: { external_id: name, billing_configuration: { invoice_grace_period: 3 } },
  });
  await who.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: name, external_id: name, plan_code: 'p', billing_time: 'anniversary' },
  });
  await by.run(NOW);
  return textAt(await who.ok('GET', `/invoices?external_customer_id=${name}`), 'invoices.0.lago_id');
}

type Operation = 'finalize' | 'refresh';

const ask = (id: string, operation: Operation = 'finalize', who = caller): Promise<Answer> =>
  who.send('PUT', `/invoices/${id}/${operation}`, undefined, KEY);
const isRepeated = ({ headers }: Answer) => headers.get('Idempotent-Replayed') === 'true';
const statusOf = async (id: string) => at(await caller.ok('GET', `/invoices/${id}`), 'invoice.status');

/** As the draft's workflow would. */
const finalizedByItsWorkflow = async (id: string): Promise<void> => {
  await app.rows(`update acts set due_at = null where id = $1`, [`finalize/${id}`]);
  await acts.run(NOW);
  expect(await statusOf(id)).toBe('finalized');
};

const keys = () =>
  app.rows<{ key: string; status: number | null }>(
    'select key, status from idempotency_keys where organization_id = $1 order by key',
    [caller.organizationId],
  );

/** A workflow that goes on until it is told to end. */
function heldWorkflow() {
  const reached = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  join = async () => {
    reached.resolve();
    await ended.promise;
    return 'unanswered';
  };
  return { reached: reached.promise, end: () => ended.resolve() };
}

describe('a request that awaits a workflow', () => {
  test.each([
    ['finalize', 'finalized'],
    ['refresh', 'draft'],
  ] as const)('is answered once for its key: %s', async (operation, status) => {
    const id = await draft();
    const first = await ask(id, operation);
    expect([first.status, at(first.body, 'invoice.status'), isRepeated(first)]).toEqual([200, status, false]);
    const again = await ask(id, operation);
    expect(asPlain(again)).toEqual(asPlain(first));
    expect(isRepeated(again)).toBe(true);
    for (const { headers } of [first, again]) expect(headers.get('Durabill-Workflow-Id')).toBe(`${operation}/${id}`);
    expect(await keys()).toEqual([{ key: 'key-1', status: 200 }]);
  });

  test('of a live organization is the same', async () => {
    const id = await draft();
    await app.rows('update organizations set clock_now = null, test_mode = false where id = $1', [
      caller.organizationId,
    ]);
    broken = 'request:before-commit';
    expect((await ask(id)).status).toBe(500);
    expect(at((await ask(id)).body, 'invoice.status')).toBe('finalized');
    expect(isRepeated(await ask(id))).toBe(true);
  });

  test.each(['request:begun', 'request:before-commit', 'request:after-commit'] as const)(
    'that ends at %s: repeated, it is answered the invoice that its workflow has made final meanwhile',
    async (place) => {
      const id = await draft();
      broken = place;
      expect((await ask(id)).status).toBe(500);
      if (place === 'request:begun') await finalizedByItsWorkflow(id);
      const again = await ask(id);
      expect([again.status, at(again.body, 'invoice.status')]).toEqual([200, 'finalized']);
      expect(isRepeated(again)).toBe(place === 'request:after-commit');
      const third = await ask(id);
      expect([asPlain(third), isRepeated(third)]).toEqual([asPlain(again), true]);
      // Whoever comes now, by another key or none, is late.
      expect(asPlain(await caller.send('PUT', `/invoices/${id}/finalize`))).toEqual(notFound('invoice'));
    },
  );

  test('that ends anywhere is one refresh for whoever repeats it', async () => {
    const id = await draft();
    for (const place of ['request:begun', 'request:before-commit'] as const) {
      broken = place;
      expect((await ask(id, 'refresh')).status).toBe(500);
    }
    const again = await ask(id, 'refresh');
    expect([again.status, at(again.body, 'invoice.status'), isRepeated(again)]).toEqual([200, 'draft', false]);
    await finalizedByItsWorkflow(id);
    const third = await ask(id, 'refresh');
    expect([asPlain(third), isRepeated(third)]).toEqual([asPlain(again), true]);
  });

  test('whose connection to the database is cut is a 503 that is not kept, and then the invoice', async () => {
    const id = await draft();
    const { customer_id: customerId } = (
      await app.rows<{ customer_id: string }>('select customer_id from invoices where id = $1', [id])
    )[0]!;
    await app.orm.em.fork().transactional(async (em) => {
      await lockCustomer(em, customerId);
      const first = ask(id);
      const waiting = () =>
        app.rows<{ pid: number }>(
          `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
      await until(async () => (await waiting()).length === 1, 'the request waits for its customer');
      await app.rows('select pg_terminate_backend($1)', [(await waiting())[0]?.pid]);
      expect((await first).status).toBe(503);
    });
    expect(await keys()).toEqual([{ key: 'key-1', status: null }]);
    await finalizedByItsWorkflow(id);
    expect(at((await ask(id)).body, 'invoice.status')).toBe('finalized');
  });

  test('that could not be done is an error that is not kept', async () => {
    const id = await draft();
    join = () => Promise.resolve('failed');
    expect((await ask(id)).status).toBe(500);
    join = undefined;
    expect(at((await ask(id)).body, 'invoice.status')).toBe('finalized');
  });

  test('of a busy customer is refused for now: its key stands for it, and it works once nobody is in its way', async () => {
    const [id, other] = [await draft(), await draft('c2')];
    const { customer_id: customerId } = (
      await app.rows<{ customer_id: string }>('select customer_id from invoices where id = $1', [id])
    )[0]!;
    await app.orm.em.fork().transactional(async (em) => {
      await lockCustomer(em, customerId);
      expect(at((await ask(id)).body, 'code')).toBe('lock_acquisition_failed');
    });
    expect(asPlain(await ask(other))).toEqual(REUSED);
    expect(at((await ask(id)).body, 'invoice.status')).toBe('finalized');
    expect(await statusOf(other)).toBe('draft');
  });
});

describe('a refusal', () => {
  test('is kept when it was one: of an invoice that was final before, however the first request ends', async () => {
    const id = await draft();
    await finalizedByItsWorkflow(id);
    broken = 'request:begun';
    expect((await ask(id)).status).toBe(500);
    for (const repeated of [false, true]) {
      const answer = await ask(id);
      expect([asPlain(answer), isRepeated(answer)]).toEqual([notFound('invoice'), repeated]);
    }
  });

  test('is what a draft comes to that is deleted before anything was done', async () => {
    const id = await draft();
    broken = 'request:begun';
    expect((await ask(id)).status).toBe(500);
    await caller.ok('DELETE', `/invoices/${id}`);
    for (const repeated of [false, true]) {
      const answer = await ask(id);
      expect([asPlain(answer), isRepeated(answer)]).toEqual([notFound('invoice'), repeated]);
    }
  });
});

describe('at the same time', () => {
  test('a key is one request from its first moment', async () => {
    const [id, other] = [await draft(), await draft('c2')];
    const workflow = heldWorkflow();
    const first = ask(id);
    await workflow.reached;
    expect(asPlain(await ask(id))).toEqual(IN_USE);
    expect(asPlain(await ask(other))).toEqual(REUSED);
    expect(asPlain(await ask(id, 'refresh'))).toEqual(REUSED);
    const customer = { customer: { external_id: 'new' } };
    expect([409, 422]).toContain((await caller.send('POST', '/customers', customer, KEY)).status);
    workflow.end();
    expect(at((await first).body, 'invoice.status')).toBe('finalized');
    expect(asPlain(await ask(id))).toEqual(asPlain(await first));
    expect(asPlain(await caller.send('POST', '/customers', customer, KEY))).toEqual(REUSED);
    expect(await statusOf(other)).toBe('draft');
  });

  test('another organization has the same key for itself', async () => {
    const neighbour = await app.organization();
    await plan(neighbour);
    const theirs = await draft('c1', neighbour, actsByHand(app.orm, neighbour.organizationId));
    const id = await draft();
    const workflow = heldWorkflow();
    const first = ask(id);
    await workflow.reached;
    join = undefined;
    expect(at((await ask(theirs, 'finalize', neighbour)).body, 'invoice.status')).toBe('finalized');
    workflow.end();
    expect((await first).status).toBe(200);
  });

  test('one key on several drafts makes one of them final', async () => {
    const ids: string[] = [];
    for (const name of ['c1', 'c2', 'c3', 'c4', 'c5']) ids.push(await draft(name));
    const answers = await Promise.all([...ids, ...ids].map((id) => ask(id)));
    const done = answers.filter(({ status }) => status === 200);
    expect(new Set(done.map(({ body }) => at(body, 'invoice.lago_id'))).size).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect([REUSED, IN_USE]).toContainEqual(asPlain(answer));
    }
    const statuses = await Promise.all(ids.map(statusOf));
    expect(statuses.filter((status) => status === 'finalized')).toHaveLength(1);
    expect(statuses.filter((status) => status === 'draft')).toHaveLength(4);
    expect(await keys()).toEqual([{ key: 'key-1', status: 200 }]);
  });

  test('20 equal ones do it once, and none is told something else', async () => {
    const id = await draft();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(id)));
    const done = answers.filter(({ status }) => status === 200);
    expect(done.filter((answer) => !isRepeated(answer))).toHaveLength(1);
    expect(new Set(done.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    for (const other of answers.filter(({ status }) => status !== 200)) expect(asPlain(other)).toEqual(IN_USE);
  });

  test('another process that works for the key is respected, and one that has died is not', async () => {
    const id = await draft();
    const name = lockNameOf({ organizationId: caller.organizationId, key: 'key-1' });
    const release = await others.tryLock(name);
    expect(asPlain(await ask(id))).toEqual(IN_USE);
    await app.rows(
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
         and database = (select oid from pg_database where datname = current_database())`,
    );
    await until(async () => (await ask(id)).status === 200, 'the lock of the dead is free');
    await release?.();
    expect(isRepeated(await ask(id))).toBe(true);
  });
});

describe('work that is awaited', () => {
  const keyed = (organizationId: string): KeyedRequest => ({
    organizationId,
    key: 'k',
    fingerprint: Buffer.from('f'),
    sealedWith: null,
  });
  const awaiting = () => ({ locks: others, ageMs: () => 0 });
  const answer = (body: string) => ({ status: 200, body, workflowId: 'finalize/1' });

  test('is told when the request came first, whoever repeats it', async () => {
    const { em, organizationId } = await billingFixture(app.orm, NOW);
    const came: Date[] = [];
    const work = (_: unknown, cameAt: Date) => {
      came.push(cameAt);
      return came.length < 3 ? Promise.reject(new Error('a bug')) : Promise.resolve(answer('done'));
    };
    const first = { locks: others, ageMs: () => 5_000 };
    await expect(answerAwaited(em, keyed(organizationId), first, answering, work)).rejects.toThrow('a bug');
    await expect(answerAwaited(em, keyed(organizationId), awaiting(), answering, work)).rejects.toThrow('a bug');
    await answerAwaited(em, keyed(organizationId), awaiting(), answering, work);
    const [begun] = await app.rows<{ age: number }>(
      `select extract(epoch from clock_timestamp() - created_at)::float as age from idempotency_keys
       where organization_id = $1`,
      [organizationId],
    );
    expect(begun!.age).toBeGreaterThan(5);
    expect(new Set(came.map((moment) => moment.getTime())).size).toBe(1);
  });

  test('has committed what it writes before it ends', async () => {
    const fixture = await billingFixture(app.orm, NOW);
    const { organizationId } = fixture;
    const work = async () => {
      await fixture.customer();
      const seen = await app.rows('select 1 from customers where organization_id = $1', [organizationId]);
      return answer(String(seen.length));
    };
    const given = await answerAwaited(fixture.em, keyed(organizationId), awaiting(), answering, work);
    expect(given).toEqual({ repeated: false, given: answer('1') });
  });

  test('of somebody who has lost the lock meanwhile: both are told the one answer that is kept', async () => {
    const { em, organizationId } = await billingFixture(app.orm, NOW);
    const request = keyed(organizationId);
    const inner = { locks: sessionLocks(app.orm.config.get('clientUrl')), ageMs: () => 0 };
    const late = await answerAwaited(em, request, awaiting(), answering, async () => {
      await app.rows(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'durabill locks' and datname = current_database()`,
      );
      let quick: unknown;
      await until(async () => {
        quick = await answerAwaited(em.fork(), request, inner, answering, () => Promise.resolve(answer('quick'))).catch(
          () => undefined,
        );
        return quick !== undefined;
      }, 'the lock is free');
      expect(quick).toEqual({ repeated: false, given: answer('quick') });
      return answer('late');
    });
    expect(late).toEqual({ repeated: true, given: answer('quick') });
  });

  test('of a refusal is kept', async () => {
    const { em, organizationId } = await billingFixture(app.orm, NOW);
    const refuse = () => Promise.reject(refusalNotFound('invoice'));
    const first = await answerAwaited(em, keyed(organizationId), awaiting(), answering, refuse);
    expect(first).toMatchObject({ repeated: false, given: { status: 404 } });
    const again = await answerAwaited(em, keyed(organizationId), awaiting(), answering, refuse);
    expect(again).toEqual({ ...first, repeated: true });
  });
});

test('a request that was never answered is forgotten after 30 days, like an answer', async () => {
  const id = await draft();
  broken = 'request:begun';
  expect((await ask(id)).status).toBe(500);
  const clean = async () => {
    const { dependencies } = await billingFixture(app.orm, NOW);
    await new MockActivityEnvironment().run(() => deleteOldAnswers(dependencies));
    return keys();
  };
  expect(await clean()).toEqual([{ key: 'key-1', status: null }]);
  await app.rows(
    `update idempotency_keys set created_at = created_at - interval '30 days' - interval '1 minute'
     where organization_id = $1`,
    [caller.organizationId],
  );
  expect(await clean()).toEqual([]);
});
