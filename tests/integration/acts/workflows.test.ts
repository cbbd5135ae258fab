import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { v7 } from 'uuid';
import {
  asPlain,
  at,
  listeningApp,
  notFound,
  textAt,
  validationErrors,
  type Caller,
  type ListeningApp,
} from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let subscriptionId: string;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization();
  await jumpTo('2023-01-15T10:00:00Z');
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'Plan',
      code: 'plan',
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: false,
    },
  });
  subscriptionId = await subscribe('ann', 'sub');
});
afterAll(() => app.close());

const jumpTo = (to: string) => caller.send('PUT', '/test_clock', { test_clock: { frozen_time: to, mode: 'jump' } });

async function subscribe(customer: string, externalId: string): Promise<string> {
  const answer = await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: customer, external_id: externalId, plan_code: 'plan' },
  });
  return textAt(answer, 'subscription.lago_id');
}

const pathOf = (id: string) => `/workflows/${encodeURIComponent(id)}`;
const customerId = async () => textAt(await caller.ok('GET', '/customers/ann'), 'customer.lago_id');

const list = async (query = '') => {
  const { workflows } = (await caller.ok('GET', `/workflows?${query}`)) as { workflows: { id: string }[] };
  return workflows.map(({ id }) => id);
};

const actOf = async (id: string) => {
  const [act] = await app.rows<Record<string, unknown>>('select * from acts where id = $1', [id]);
  return act!;
};

const fail = (ids: readonly string[], error = 'a bad price') =>
  app.rows(`update acts set state = 'failed', error = $2, leased_until = null where id = any($1::text[])`, [
    ids,
    error,
  ]);

describe('a workflow', () => {
  test('is told by its act, with where to look at it', async () => {
    const [id] = await list();
    expect(id).toMatch(new RegExp(`^period/${subscriptionId}/`));
    expect(await caller.ok('GET', pathOf(id!))).toEqual({
      workflow: {
        id,
        kind: 'period',
        state: 'wanted',
        summary: expect.stringContaining(subscriptionId),
        due_at: '2023-02-01T00:00:00Z',
        lago_customer_id: await customerId(),
        lago_subscription_id: subscriptionId,
        lago_invoice_id: null,
        done_by: null,
        error: null,
        created_at: '2023-01-15T10:00:00Z',
        changed_at: expect.stringMatching(/Z$/),
        url: `http://temporal.test/${encodeURIComponent(id!)}`,
      },
    });
  });

  test.each(['period/unknown/2023-01-01', 'x', 'a%00b'])('that nobody knows is a 404: %s', async (id) => {
    expect(asPlain(await caller.send('GET', pathOf(id)))).toEqual(notFound('workflow'));
    expect(asPlain(await caller.send('POST', `${pathOf(id)}/retry`))).toEqual(notFound('workflow'));
    expect(asPlain(await caller.send('POST', `${pathOf(id)}/wake`))).toEqual(notFound('workflow'));
  });

  test('is its own permission', async () => {
    await app.rows(`update api_keys set permissions = '{"workflow": ["read"]}' where organization_id = $1`, [
      caller.organizationId,
    ]);
    expect((await caller.send('GET', '/workflows')).status).toBe(200);
    expect(asPlain(await caller.send('POST', '/workflows/x/retry'))).toMatchObject({
      status: 403,
      body: { code: 'write_action_not_allowed_for_workflow' },
    });
  });
});

describe('the list of workflows', () => {
  test('begins with the newest and has pages', async () => {
    await jumpTo('2023-01-16T10:00:00Z');
    const second = await subscribe('ann', 'sub-2');
    await jumpTo('2023-01-17T10:00:00Z');
    const third = await subscribe('bob', 'sub-3');
    const all = await list();
    expect(all.map((id) => id.split('/')[1])).toEqual([third, second, subscriptionId]);
    expect(await list('per_page=1&page=2')).toEqual([all[1]]);
    const page = await caller.ok('GET', '/workflows?per_page=2&page=2');
    expect(at(page, 'meta')).toEqual({
      current_page: 2,
      next_page: null,
      prev_page: 1,
      total_pages: 2,
      total_count: 3,
    });
  });

  test('can be filtered by everything that it shows', async () => {
    const other = await subscribe('bob', 'sub-2');
    const [own] = await list(`lago_subscription_id=${subscriptionId}`);
    const [theirs] = await list(`lago_subscription_id=${other}`);
    const invoice = v7();
    await app.rows(`update acts set state = 'failed', invoice_id = $2 where id = $1`, [theirs, invoice]);
    await caller.send('POST', '/test_clock/run');
    expect(await list('external_subscription_id=sub')).toEqual([own]);
    expect(await list('external_customer_id=bob')).toEqual([theirs]);
    expect(await list(`lago_customer_id=${await customerId()}`)).toEqual([own]);
    expect(await list(`lago_invoice_id=${invoice}`)).toEqual([theirs]);
    expect(await list('state=failed')).toEqual([theirs]);
    expect(await list('kind=clock')).toEqual([expect.stringMatching(/^clock\//)]);
    expect(await list('kind=period&external_customer_id=ann&state=wanted')).toEqual([own]);
    expect(await list('external_customer_id=nobody')).toEqual([]);
  });

  test.each([
    ['kind=nothing', 'kind'],
    ['state=asleep', 'state'],
    ['lago_customer_id=x', 'lago_customer_id'],
    ['lago_subscription_id=x', 'lago_subscription_id'],
    ['lago_invoice_id=x', 'lago_invoice_id'],
  ])('refuses a filter that can match nothing: %s', async (query, field) => {
    expect(asPlain(await caller.send('GET', `/workflows?${query}`))).toEqual(
      validationErrors({ [field]: ['value_is_invalid'] }),
    );
  });
});

describe('a retry', () => {
  test('wants a failed act again and starts it behind the answer', async () => {
    const [id] = await list();
    await fail([id!]);
    const started = app.started.length;
    const answer = await caller.send('POST', `${pathOf(id!)}/retry`);
    expect(answer.status).toBe(200);
    expect(at(answer.body, 'workflow')).toMatchObject({ id, state: 'wanted', error: null });
    expect(answer.headers.get('Durabill-Workflow-Id')).toBe(id);
    expect(answer.headers.get('Durabill-Workflow-Url')).toBe(`http://temporal.test/${encodeURIComponent(id!)}`);
    expect(app.started.slice(started)).toMatchObject([{ id, verb: 'restart' }]);
    // Its starter has it for himself; nobody else starts it too.
    expect((await actOf(id!))['leased_until']).not.toBeNull();
  });

  test('wants what failed on the same day with it, for one invoice', async () => {
    const ids = [subscriptionId, await subscribe('ann', 'sub-2'), await subscribe('ann', 'sub-3')];
    const others = await subscribe('bob', 'sub-4');
    const acts = await Promise.all(ids.map(async (id) => (await list(`lago_subscription_id=${id}`))[0]!));
    const [stranger] = await list(`lago_subscription_id=${others}`);
    await fail([...acts.slice(0, 2), stranger!]);
    const started = app.started.length;
    await caller.ok('POST', `${pathOf(acts[1]!)}/retry`);
    const [first, ...rest] = app.started.slice(started).map((act) => act.id);
    expect(first).toBe(acts[1]);
    expect(rest).toEqual([acts[0]]);
    expect((await actOf(stranger!))['state']).toBe('failed');
  });

  test.each(['wanted', 'waiting', 'working', 'done'])('of an act that is %s is refused', async (state) => {
    const [id] = await list();
    await app.rows('update acts set state = $2 where id = $1', [id, state]);
    expect(asPlain(await caller.send('POST', `${pathOf(id!)}/retry`))).toEqual({
      status: 405,
      body: { status: 405, error: 'Method Not Allowed', code: 'workflow_not_failed' },
    });
    expect((await actOf(id!))['state']).toBe(state);
  });

  test('at the same time as another happens once', async () => {
    const [id] = await list();
    await fail([id!]);
    const answers = await Promise.all(Array.from({ length: 10 }, () => caller.send('POST', `${pathOf(id!)}/retry`)));
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      200,
      ...Array.from({ length: 9 }, () => 405),
    ]);
  });
});

describe('waking', () => {
  const wake = (id: string) => caller.send('POST', `${pathOf(id)}/wake`);

  test.each(['wanted', 'waiting'])(
    'has an act that is %s look, behind the answer, at its own moment',
    async (state) => {
      const [id] = await list();
      await app.rows('update acts set state = $2, leased_until = null where id = $1', [id, state]);
      const started = app.started.length;
      const answer = await wake(id!);
      expect(answer.status).toBe(200);
      expect(at(answer.body, 'workflow')).toMatchObject({ id, state: 'wanted', due_at: '2023-02-01T00:00:00Z' });
      expect(answer.headers.get('Durabill-Workflow-Id')).toBe(id);
      expect(app.started.slice(started)).toMatchObject([
        { id, verb: 'signal', dueAt: new Date('2023-02-01T00:00:00Z') },
      ]);
      // Its starter has it for himself; nobody else wakes it too.
      expect((await actOf(id!))['leased_until']).not.toBeNull();
    },
  );

  test.each(['working', 'done', 'failed'])('an act that is %s is refused', async (state) => {
    const [id] = await list();
    await app.rows('update acts set state = $2 where id = $1', [id, state]);
    const before = await actOf(id!);
    expect(asPlain(await wake(id!))).toEqual({
      status: 405,
      body: { status: 405, error: 'Method Not Allowed', code: 'workflow_not_waiting' },
    });
    expect(await actOf(id!)).toEqual(before);
  });

  test("is for one's own", async () => {
    const [id] = await list();
    const before = await actOf(id!);
    const other = await app.organization();
    expect(asPlain(await other.send('POST', `${pathOf(id!)}/wake`))).toEqual(notFound('workflow'));
    expect(await actOf(id!)).toEqual(before);
  });
});

describe('billing now', () => {
  const billNow = (externalId: string) => caller.send('POST', `/subscriptions/${externalId}/bill`);
  const NOTHING_DUE = { status: 405, body: { status: 405, error: 'Method Not Allowed', code: 'nothing_due' } };

  test('is refused before the billing day has come, and for a subscription that nobody knows', async () => {
    await jumpTo('2023-01-31T23:59:59Z');
    expect(asPlain(await billNow('sub'))).toEqual(NOTHING_DUE);
    expect(asPlain(await billNow('unknown'))).toEqual(notFound('subscription'));
  });

  test('brings the period forward and wakes its workflow, with what else of its customer is due', async () => {
    const second = await subscribe('ann', 'sub-2');
    await subscribe('bob', 'sub-3');
    const [own] = await list(`lago_subscription_id=${subscriptionId}`);
    const [sibling] = await list(`lago_subscription_id=${second}`);
    // As for a live organization: the day has begun, and the room for late events has not passed.
    await app.rows(
      `update acts set state = 'waiting', due_at = '2023-02-01T00:05:00Z'
       where organization_id = $1`,
      [caller.organizationId],
    );
    await jumpTo('2023-02-01T00:00:10Z');
    const started = app.started.length;
    const answer = await billNow('sub');
    expect(answer.status).toBe(200);
    expect(at(answer.body, 'workflow')).toMatchObject({ id: own, state: 'wanted', due_at: '2023-02-01T00:00:10Z' });
    expect(answer.headers.get('Durabill-Workflow-Id')).toBe(own);
    expect(app.started.slice(started).map((act) => [act.id, 'verb' in act && act.verb])).toEqual([
      [own, 'signal'],
      [sibling, 'signal'],
    ]);
    // The moment has no copy in what is sent.
    expect((await actOf(own!))['argument']).not.toHaveProperty('dueAt');
  });

  test('counts the days of the customer', async () => {
    await caller.ok('POST', '/customers', { customer: { external_id: 'ann', timezone: 'America/New_York' } });
    await jumpTo('2023-02-01T04:59:59Z');
    expect(asPlain(await billNow('sub'))).toEqual(NOTHING_DUE);
    await jumpTo('2023-02-01T05:00:00Z');
    expect((await billNow('sub')).status).toBe(200);
  });

  test('asked again while it works names the same workflow', async () => {
    const [own] = await list();
    await jumpTo('2023-02-01T00:00:00Z');
    await app.rows(`update acts set state = 'working' where id = $1`, [own]);
    const answer = await billNow('sub');
    expect([answer.status, answer.headers.get('Durabill-Workflow-Id')]).toEqual([200, own]);
    expect((await actOf(own!))['state']).toBe('working');
    await app.rows(`update acts set state = 'done' where id = $1`, [own]);
    expect(asPlain(await billNow('sub'))).toEqual(NOTHING_DUE);
  });

  test('leaves failed ones to their retry', async () => {
    const [own] = await list();
    await jumpTo('2023-02-01T00:00:00Z');
    await fail([own!]);
    expect(asPlain(await billNow('sub'))).toEqual(NOTHING_DUE);
  });

  test('brings the last invoice of a subscription that has ended forward', async () => {
    await caller.ok('DELETE', '/subscriptions/sub');
    const [end] = await list('kind=end');
    await app.rows(`update acts set state = 'waiting', due_at = '2023-01-15T10:05:00Z' where id = $1`, [end]);
    const answer = await billNow('sub');
    expect(at(answer.body, 'workflow')).toMatchObject({ id: end, due_at: '2023-01-15T10:00:00Z' });
  });
});
