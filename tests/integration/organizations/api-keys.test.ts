import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PERMISSION_RESOURCES } from '../../../billing/api-keys/permission-resources.ts';
import { routes } from '../../../api/routes.ts';
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
import { until } from '../../support/until.ts';

let app: ListeningApp;
let caller: Caller;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization();
});
afterAll(() => app.close());

type Settings = Readonly<Record<string, unknown>>;
interface Key {
  readonly id: string;
  readonly value: string;
}

/** With the caller's key, or another. */
const send = (method: string, path: string, body?: unknown, key = caller.key, headers = {}) =>
  app.send(key, method, `/api/v1${path}`, body, headers);

const create = (settings: Settings, key?: string) => send('POST', '/api_keys', { api_key: settings }, key);
const keyOf = (body: unknown): Key => ({ id: textAt(body, 'api_key.lago_id'), value: textAt(body, 'api_key.value') });

async function made(settings: Settings = { name: 'Made' }, key?: string): Promise<Key> {
  const answer = await create(settings, key);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return keyOf(answer.body);
}

const list = async (): Promise<any[]> => ((await caller.ok('GET', '/api_keys')) as { api_keys: any[] }).api_keys;
const works = async (value: string) => (await send('GET', '/plans', undefined, value)).status !== 401;
const first = async (): Promise<string> => (await list()).at(-1).lago_id;

const FORBIDDEN = (code: string) => ({ status: 403, body: { status: 403, error: 'Forbidden', code } });
const LAST = validationErrors({ base: ['last_non_expiring_api_key'] });
const soon = () => new Date(Date.now() + 3_600_000).toISOString();

describe('an API key', () => {
  test('is shown in full once, later masked, and stored as its hash', async () => {
    const answer = await create({ name: ' Reporting ' });
    expect(asPlain(answer)).toEqual({
      status: 200,
      body: {
        api_key: {
          lago_id: expect.any(String),
          name: 'Reporting',
          value: expect.stringMatching(/^[\da-f-]{36}$/),
          permissions: expect.objectContaining({ customer: ['read', 'write'], api_key: ['read', 'write'] }),
          expires_at: null,
          last_used_at: null,
          created_at: expect.any(String),
        },
      },
    });
    const { id, value } = keyOf(answer.body);
    const masked = `••••••••${value.slice(-4)}`;
    expect(at(await caller.ok('GET', `/api_keys/${id}`), 'api_key.value')).toBe(masked);
    expect((await list()).map((key) => key.value)).toContain(masked);
    expect(at(await caller.ok('PUT', `/api_keys/${id}`, { api_key: { name: 'New' } }), 'api_key.value')).toBe(masked);
    const rows = await app.rows('select * from api_keys where organization_id = $1', [caller.organizationId]);
    expect(JSON.stringify(rows)).not.toContain(value);
    expect(await works(value)).toBe(true);
  });

  test('is noted when it is used, once an hour', async () => {
    const { id, value } = await made();
    const usedAt = async () => at(await caller.ok('GET', `/api_keys/${id}`), 'api_key.last_used_at');
    expect(await usedAt()).toBeNull();
    await works(value);
    expect(await usedAt()).not.toBeNull();
    await app.rows(`update api_keys set last_used_at = last_used_at - interval '59 minutes' where id = $1`, [id]);
    const before = await usedAt();
    await works(value);
    expect(await usedAt()).toBe(before);
    await app.rows(`update api_keys set last_used_at = last_used_at - interval '2 minutes' where id = $1`, [id]);
    await works(value);
    expect(await usedAt()).not.toBe(before);
  });

  test('ends at its moment, in real time also under a test clock', async () => {
    const { id, value } = await made({ expires_at: soon() });
    const moved = { test_clock: { frozen_time: '2046-01-01T00:00:00Z', mode: 'jump' } };
    expect((await caller.send('PUT', '/test_clock', moved)).status).toBe(202);
    expect(await works(value)).toBe(true);
    await app.rows(`update api_keys set expires_at = clock_timestamp() where id = $1`, [id]);
    expect(await works(value)).toBe(false);
  });

  test('is listed newest first, in pages', async () => {
    const { id } = await made();
    expect((await list()).map((key) => key.lago_id)[0]).toBe(id);
    const page = await caller.ok('GET', '/api_keys?per_page=1&page=2');
    expect(at(page, 'meta')).toMatchObject({ current_page: 2, total_count: 2 });
    expect(at(page, 'api_keys.0.lago_id')).toBe(await first());
  });

  test.each<[Settings, Record<string, string[]>]>([
    [{ expires_at: '2020-01-01T00:00:00Z' }, { expires_at: ['invalid_date'] }],
    [{ expires_at: 'tomorrow' }, { expires_at: ['invalid_date'] }],
    [{ name: 'x'.repeat(256) }, { name: ['value_is_too_long'] }],
    [{ permissions: { customer: ['delete'] } }, { 'permissions.customer.0': ['value_is_invalid'] }],
    [{ permissions: { customer: 'read' } }, { 'permissions.customer': ['value_is_invalid'] }],
    [{ permissions: { customer: ['read', 'read', 'write'] } }, { 'permissions.customer': ['value_is_invalid'] }],
    [{ permissions: { everything: ['read'] } }, { permissions: ['value_is_invalid'] }],
    [{ permissions: ['customer'] }, { permissions: ['value_is_invalid'] }],
  ])('is refused with %j', async (settings, details) => {
    expect(asPlain(await create(settings))).toEqual(validationErrors(details));
    expect(await list()).toHaveLength(1);
  });

  test.each(['unknown', '00000000-0000-7000-8000-000000000000', 'a%00b'])(
    'that nobody knows is a 404: %s',
    async (id) => {
      for (const [method, path, body] of [
        ['GET', '', undefined],
        ['PUT', '', { api_key: { name: 'x' } }],
        ['DELETE', '', undefined],
        ['POST', '/rotate', undefined],
      ] as const) {
        expect(asPlain(await send(method, `/api_keys/${id}${path}`, body))).toEqual(notFound('api_key'));
      }
    },
  );
});

describe('the permissions of a key', () => {
  test('name every resource that a route needs', () => {
    const needed = new Set(routes.map((route) => route.permission));
    expect([...needed].filter((resource) => !PERMISSION_RESOURCES.includes(resource))).toEqual([]);
  });

  test('are everything unless given; what is given is all that there is', async () => {
    const { value } = await made({ permissions: { customer: ['read'], plan: ['write', 'read'] } });
    expect((await send('GET', '/customers', undefined, value)).status).toBe(200);
    expect(asPlain(await send('POST', '/customers', { customer: {} }, value))).toEqual(
      FORBIDDEN('write_action_not_allowed_for_customer'),
    );
    expect(asPlain(await send('GET', '/api_keys', undefined, value))).toEqual(
      FORBIDDEN('read_action_not_allowed_for_api_key'),
    );
    const shown = (await list())[0].permissions;
    expect(Object.keys(shown)).toEqual([...PERMISSION_RESOURCES]);
    expect([shown.customer, shown.plan, shown.invoice]).toEqual([['read'], ['read', 'write'], []]);
  });

  test('take HEAD for the reading that it is', async () => {
    const reads = await made({ permissions: { customer: ['read'] } });
    expect((await send('HEAD', '/customers', undefined, reads.value)).status).toBe(200);
    const writes = await made({ permissions: { customer: ['write'] } });
    expect((await send('HEAD', '/customers', undefined, writes.value)).status).toBe(403);
  });

  test('change with the next request', async () => {
    const { id, value } = await made({ permissions: {} });
    expect((await send('GET', '/customers', undefined, value)).status).toBe(403);
    await caller.ok('PUT', `/api_keys/${id}`, { api_key: { permissions: { customer: ['read'] } } });
    expect((await send('GET', '/customers', undefined, value)).status).toBe(200);
    await caller.ok('PUT', `/api_keys/${id}`, { api_key: { permissions: null } });
    expect((await send('GET', '/plans', undefined, value)).status).toBe(200);
  });

  test('stay as they are when only the name is given', async () => {
    const { id, value } = await made({ permissions: { customer: ['read'] } });
    await caller.ok('PUT', `/api_keys/${id}`, { api_key: { name: 'Other' } });
    expect((await send('GET', '/plans', undefined, value)).status).toBe(403);
  });

  describe('are never more than the caller has', () => {
    const OWN = { api_key: ['read', 'write'], customer: ['read'] };
    let restricted: Key;
    beforeEach(async () => {
      restricted = await made({ permissions: OWN });
    });

    test.each<[string, Settings, string]>([
      ['everything, by leaving them out', {}, 'read_action_not_allowed_for_activity_log'],
      ['everything, by null', { permissions: null }, 'read_action_not_allowed_for_activity_log'],
      ['another mode', { permissions: { customer: ['read', 'write'] } }, 'write_action_not_allowed_for_customer'],
      ['another resource', { permissions: { ...OWN, wallet: ['write'] } }, 'write_action_not_allowed_for_wallet'],
    ])('for a new key, for another one, and for itself: %s', async (_, settings, code) => {
      const wished = { name: 'More', ...settings };
      expect(asPlain(await create(wished, restricted.value))).toEqual(FORBIDDEN(code));
      if (!('permissions' in settings)) return;
      const other = await made({ permissions: {} });
      for (const { id } of [other, restricted]) {
        const answer = await send('PUT', `/api_keys/${id}`, { api_key: wished }, restricted.value);
        expect(asPlain(answer)).toEqual(FORBIDDEN(code));
      }
    });

    test('nor by a rotation, whose new key may do everything', async () => {
      for (const id of [restricted.id, await first()]) {
        const answer = await send('POST', `/api_keys/${id}/rotate`, undefined, restricted.value);
        expect(asPlain(answer)).toEqual(FORBIDDEN('read_action_not_allowed_for_activity_log'));
      }
      expect(await works(restricted.value)).toBe(true);
    });

    test('but may be as much, or less', async () => {
      const equal = await made({ permissions: OWN }, restricted.value);
      expect((await send('GET', '/customers', undefined, equal.value)).status).toBe(200);
      const less = { api_key: { permissions: { customer: ['read'] } } };
      expect((await send('PUT', `/api_keys/${equal.id}`, less, restricted.value)).status).toBe(200);
    });

    test('counting those that it has when it is its turn', async () => {
      // Somebody has just taken a permission away, and has not committed yet.
      const wish = { name: 'Late', permissions: { customer: ['read'] } };
      const attempt = await app.orm.em.fork().transactional(async (em) => {
        await em.execute('select 1 from organizations where id = ? for no key update', [caller.organizationId]);
        await em.execute(`update api_keys set permissions = '{"api_key": ["write"]}' where id = ?`, [restricted.id]);
        const late = create(wish, restricted.value);
        const waiting = () =>
          app.rows(`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);
        await until(async () => (await waiting()).length > 0, 'the request waits for its turn');
        return { late };
      });
      expect(asPlain(await attempt.late)).toEqual(FORBIDDEN('read_action_not_allowed_for_customer'));
    });

    test('and a key that may not write keys cannot use them', async () => {
      const { value } = await made({ permissions: { api_key: ['read'] } });
      expect((await send('GET', '/api_keys', undefined, value)).status).toBe(200);
      for (const [method, path] of [
        ['POST', '/api_keys'],
        ['PUT', `/api_keys/${restricted.id}`],
        ['DELETE', `/api_keys/${restricted.id}`],
        ['POST', `/api_keys/${restricted.id}/rotate`],
      ] as const) {
        expect(asPlain(await send(method, path, { api_key: {} }, value))).toEqual(
          FORBIDDEN('write_action_not_allowed_for_api_key'),
        );
      }
    });
  });
});

describe('a rotation', () => {
  const rotate = (id: string, body?: unknown, key?: string) => send('POST', `/api_keys/${id}/rotate`, body, key);

  test('ends the old key at once, and the new one has its name and default permissions', async () => {
    const old = await made({ name: 'Reporting', permissions: { customer: ['read'] } });
    const answer = await rotate(old.id);
    const fresh = keyOf(answer.body);
    expect(fresh.id).not.toBe(old.id);
    expect(at(answer.body, 'api_key')).toMatchObject({ name: 'Reporting', expires_at: null, last_used_at: null });
    expect(await works(old.value)).toBe(false);
    expect((await send('GET', '/plans', undefined, fresh.value)).status).toBe(200);
    expect(asPlain(await rotate(old.id))).toMatchObject({ status: 405, body: { code: 'api_key_expired' } });
  });

  test('may leave the old key some time, never more than it had', async () => {
    const old = await made();
    const later = new Date(Date.now() + 86_400_000).toISOString();
    const answer = await rotate(old.id, { api_key: { name: 'Second', expires_at: later } });
    expect(at(answer.body, 'api_key.name')).toBe('Second');
    expect(await works(old.value)).toBe(true);
    const endOf = async (id: string) => at(await caller.ok('GET', `/api_keys/${id}`), 'api_key.expires_at');
    expect(await endOf(old.id)).toBe(later.replace(/\.\d+Z$/, 'Z'));
    const ending = await made({ expires_at: soon() });
    const before = await endOf(ending.id);
    await rotate(ending.id, { api_key: { expires_at: later } });
    expect(await endOf(ending.id)).toBe(before);
  });

  test('refuses an end that has passed', async () => {
    const old = await made();
    const past = { api_key: { expires_at: '2020-01-01T00:00:00Z' } };
    expect(asPlain(await rotate(old.id, past))).toEqual(validationErrors({ expires_at: ['invalid_date'] }));
    expect(await works(old.value)).toBe(true);
  });

  test('of the only key goes on with the new one', async () => {
    const fresh = keyOf((await rotate(await first())).body);
    expect((await caller.send('GET', '/plans')).status).toBe(401);
    expect(asPlain(await send('DELETE', `/api_keys/${fresh.id}`, undefined, fresh.value))).toEqual(LAST);
  });
});

describe('deleting a key', () => {
  test('ends it', async () => {
    const { id, value } = await made();
    expect(at(await caller.ok('DELETE', `/api_keys/${id}`), 'api_key.lago_id')).toBe(id);
    expect(await works(value)).toBe(false);
    expect(asPlain(await caller.send('GET', `/api_keys/${id}`))).toEqual(notFound('api_key'));
  });

  test('is refused for the last that does not expire', async () => {
    const ending = await made({ expires_at: soon() });
    expect(asPlain(await caller.send('DELETE', `/api_keys/${await first()}`))).toEqual(LAST);
    expect((await caller.send('DELETE', `/api_keys/${ending.id}`)).status).toBe(200);
    expect(asPlain(await caller.send('DELETE', `/api_keys/${await first()}`))).toEqual(LAST);
  });

  test('leaves one, however many are deleted at once', async () => {
    const others = await Promise.all(Array.from({ length: 5 }, () => made()));
    const all = [...others, { id: await first(), value: caller.key }];
    // Each is deleted with the key of another.
    const answers = await Promise.all(
      all.map(({ id }, index) => send('DELETE', `/api_keys/${id}`, undefined, all[(index + 1) % all.length]!.value)),
    );
    const left = await app.rows('select 1 from api_keys where organization_id = $1 and expires_at is null', [
      caller.organizationId,
    ]);
    expect(left.length).toBeGreaterThanOrEqual(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(all.length - left.length);
    // Whoever lost its own key meanwhile, or would have deleted the last one, is told so.
    expect(answers.every(({ status }) => [200, 401, 422].includes(status))).toBe(true);
  });
});

describe('with an Idempotency-Key', () => {
  const headers = { 'Idempotency-Key': 'key-1' };
  const createKeyed = (key = caller.key) => send('POST', '/api_keys', { api_key: { name: 'Once' } }, key, headers);

  test('the value is given again to the same API key, to no other, and is nowhere in the database', async () => {
    const { value: other } = await made();
    const answer = await createKeyed();
    expect(asPlain(await createKeyed())).toEqual(asPlain(answer));
    expect(asPlain(await createKeyed(other))).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    expect(await list()).toHaveLength(3);
    const rows = await app.rows('select * from idempotency_keys where organization_id = $1', [caller.organizationId]);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(keyOf(answer.body).value);
  });
});
