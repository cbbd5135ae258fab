import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { makeWebhookKeys, refuseWrongKey } from '../../../activities/webhooks/webhook-keys.ts';
import {
  ADMIN_KEY,
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
let endpointId: string;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization();
  const body = await caller.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: 'https://a.test/' } });
  endpointId = textAt(body, 'webhook_endpoint.lago_id');
});
afterAll(() => app.close());

const customer = (id: string, more: object = {}) =>
  caller.ok('POST', '/customers', { customer: { external_id: id, ...more } });
const list = async (query = ''): Promise<any[]> => at(await caller.ok('GET', `/webhooks${query}`), 'webhooks') as any[];
const types = async (query = ''): Promise<string[]> => (await list(query)).map((webhook) => webhook.webhook_type);
const stateOf = async (id: string, columns = 'status, place') =>
  (await app.rows(`select ${columns} from webhooks where id = $1`, [id]))[0];
const setTo = (id: string, assignments: string) => app.rows(`update webhooks set ${assignments} where id = $1`, [id]);
const lane = () =>
  app.rows<{ state: string; verb: string }>(`select state, verb from acts where id = $1`, [`webhooks/${endpointId}`]);

describe('what is written with its cause', () => {
  test('a customer that is created and changed', async () => {
    const created = await customer('c', { name: 'Ada' });
    await customer('c', { name: 'Ada Lovelace' });
    expect(await types()).toEqual(['customer.updated', 'customer.created']);
    const [updated, first] = await list();
    expect(first).toMatchObject({
      lago_webhook_endpoint_id: endpointId,
      endpoint: 'https://a.test/',
      object_type: 'customer',
      lago_object_id: at(created, 'customer.lago_id'),
      status: 'pending',
      retries: 0,
      http_status: null,
      response: null,
      last_retried_at: null,
    });
    expect(first.payload).toEqual({
      webhook_type: 'customer.created',
      object_type: 'customer',
      organization_id: caller.organizationId,
      customer: at(created, 'customer'),
    });
    expect(updated.payload.customer.name).toBe('Ada Lovelace');
  });

  test('a customer that a subscription creates', async () => {
    const terms = { interval: 'monthly', amount_cents: 1, amount_currency: 'EUR', pay_in_advance: false };
    await caller.ok('POST', '/plans', { plan: { name: 'P', code: 'p', ...terms } });
    await caller.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: 'new', external_id: 's', plan_code: 'p' },
    });
    expect((await list('?event_types[]=customer.created'))[0].payload.customer.external_id).toBe('new');
  });

  test('a metric and a plan', async () => {
    const metric = { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' };
    await caller.ok('POST', '/billable_metrics', { billable_metric: metric });
    await caller.ok('PUT', '/billable_metrics/calls', { billable_metric: { name: 'Call' } });
    const terms = { interval: 'monthly', amount_cents: 1, amount_currency: 'EUR', pay_in_advance: false };
    const plan = await caller.ok('POST', '/plans', { plan: { name: 'P', code: 'p', ...terms } });
    await caller.ok('PUT', '/plans/p', { plan: { name: 'Plan' } });
    await caller.ok('DELETE', '/billable_metrics/calls');
    expect(await types()).toEqual([
      'billable_metric.deleted',
      'plan.updated',
      'plan.created',
      'billable_metric.updated',
      'billable_metric.created',
    ]);
    expect((await list())[2].payload.plan).toEqual(at(plan, 'plan'));
  });

  test('nothing of a request that was refused, and nothing that nobody wants', async () => {
    await caller.send('POST', '/customers', { customer: { external_id: 'x', currency: 'nope' } });
    expect(await types()).toEqual([]);
    await caller.ok('PUT', `/webhook_endpoints/${endpointId}`, { webhook_endpoint: { event_types: [] } });
    await customer('c');
    expect(await types()).toEqual([]);
    await caller.ok('PUT', `/webhook_endpoints/${endpointId}`, {
      webhook_endpoint: { event_types: ['customer.updated'] },
    });
    await customer('d');
    await customer('d');
    expect(await types()).toEqual(['customer.updated']);
  });
});

describe('the list of deliveries', () => {
  beforeEach(async () => {
    await customer('c');
    await customer('c');
    const [updated, created] = await list();
    await setTo(updated.lago_id, `status = 'retrying', http_status = 503, created_at = '2026-02-01T12:00:00Z'`);
    await setTo(created.lago_id, `status = 'succeeded', http_status = 204, created_at = '2026-01-01T12:00:00Z'`);
  });

  test.each([
    ['', 2],
    ['?statuses[]=succeeded', 1],
    ['?statuses[]=succeeded&statuses[]=retrying', 2],
    ['?statuses[]=failed', 0],
    ['?event_types[]=customer.created', 1],
    ['?event_types[]=customer.updated&event_types=customer.created', 2],
    ['?http_statuses[]=503', 1],
    ['?http_statuses[]=2xx&http_statuses[]=404', 1],
    ['?from_date=2026-01-02T00:00:00Z', 1],
    ['?to_date=2026-01-01T12:00:00Z', 1],
    ['?from_date=2027-01-01', 0],
    ['?from_date=2026-02-01&to_date=2026-02-01', 1],
    ['?to_date=2026-01-01', 1],
    ['?search_term=created', 1],
    ['?search_term=%25', 0],
    ['?per_page=1', 1],
  ])('%s has %d', async (query, count) => {
    expect(await list(query)).toHaveLength(count);
  });

  test('of an endpoint, of an object and of a delivery by its id', async () => {
    const [first, second] = await list();
    expect(await list(`?webhook_endpoint_id=${endpointId}`)).toHaveLength(2);
    expect(await list(`?search_term=${first.lago_object_id}`)).toHaveLength(2);
    expect(await list(`?search_term=${second.lago_id}`)).toEqual([second]);
    expect(at(await caller.ok('GET', `/webhooks/${first.lago_id}`), 'webhook')).toEqual(first);
    expect(asPlain(await caller.send('GET', `/webhooks?webhook_endpoint_id=${first.lago_id}`))).toEqual(
      notFound('webhook_endpoint'),
    );
  });

  test.each([
    ['?statuses[]=open', { statuses: ['value_is_invalid'] }],
    ['?http_statuses[]=many', { http_statuses: ['value_is_invalid'] }],
    ['?from_date=soon', { from_date: ['invalid_date'] }],
  ])('%s is refused', async (query, details) => {
    expect(asPlain(await caller.send('GET', `/webhooks${query}`))).toEqual(validationErrors(details));
  });

  test('goes with its endpoint', async () => {
    await caller.ok('DELETE', `/webhook_endpoints/${endpointId}`);
    expect(await list()).toEqual([]);
  });
});

describe('a retry', () => {
  const retry = (id: string) => caller.send('POST', `/webhooks/${id}/retry`);

  test('makes a delivery that has failed for good arrive anew, for another 72 hours', async () => {
    await customer('c');
    const [{ lago_id: id }] = await list();
    await setTo(
      id,
      `status = 'failed', place = 'left', next_attempt_at = null, retries = 40, expires_at = '2020-01-01T00:00:00Z'`,
    );
    const answer = await retry(id);
    expect(answer.status).toBe(200);
    expect(at(answer.body, 'webhook')).toMatchObject({ lago_id: id, status: 'retrying', retries: 40 });
    expect(
      await stateOf(
        id,
        `place, next_attempt_at <= clock_timestamp() as due, expires_at > clock_timestamp() + interval '71 hours' as kept`,
      ),
    ).toEqual({ place: 'arrived', due: true, kept: true });
    expect(answer.headers.get('Durabill-Workflow-Id')).toBe(`webhooks/${endpointId}`);
    expect(app.started.at(-1)?.id).toBe(`webhooks/${endpointId}`);
  });

  test('makes one that waits due at once, wakes its lane, and takes the endpoint out of its pause', async () => {
    await customer('c');
    const [{ lago_id: id }] = await list();
    await setTo(id, `status = 'retrying', place = 'head', next_attempt_at = clock_timestamp() + interval '2 hours'`);
    await app.rows(`update webhook_endpoints set paused_until = '2100-01-01' where id = $1`, [endpointId]);
    await retry(id);
    await app.rows(`update acts set state = 'waiting', due_at = '2100-01-01' where id = $1`, [
      `webhooks/${endpointId}`,
    ]);
    await retry(id);
    expect(await stateOf(id, 'place, next_attempt_at <= clock_timestamp() as due')).toEqual({
      place: 'head',
      due: true,
    });
    expect(await lane()).toEqual([{ state: 'wanted', verb: 'signal' }]);
    expect(await app.rows('select paused_until from webhook_endpoints where id = $1', [endpointId])).toEqual([
      { paused_until: null },
    ]);
  });

  test('of one behind an older one has that one tried first', async () => {
    await customer('c');
    await customer('c');
    const [second, first] = await list();
    await setTo(first.lago_id, `place = 'head', next_attempt_at = clock_timestamp() + interval '2 hours'`);
    await setTo(second.lago_id, `place = 'behind'`);
    await retry(second.lago_id);
    expect(await stateOf(second.lago_id)).toEqual({ status: 'pending', place: 'behind' });
    expect(await stateOf(first.lago_id, 'next_attempt_at <= clock_timestamp() as due')).toEqual({ due: true });
  });

  test('of one that has succeeded is refused', async () => {
    await customer('c');
    const [{ lago_id: id }] = await list();
    await setTo(id, `status = 'succeeded', place = 'left', next_attempt_at = null`);
    expect(asPlain(await retry(id))).toEqual({
      status: 405,
      body: { status: 405, error: 'Method Not Allowed', code: 'is_succeeded' },
    });
    expect(await lane()).toEqual([]);
    expect(asPlain(await retry('nothing'))).toEqual(notFound('webhook'));
  });

  test('follows from a new URL for all that waits', async () => {
    await customer('c');
    const [{ lago_id: id }] = await list();
    await setTo(id, `status = 'retrying', place = 'head', next_attempt_at = clock_timestamp() + interval '2 hours'`);
    await caller.ok('PUT', `/webhook_endpoints/${endpointId}`, { webhook_endpoint: { name: 'same place' } });
    expect(await stateOf(id, 'next_attempt_at <= clock_timestamp() as due')).toEqual({ due: false });
    await caller.ok('PUT', `/webhook_endpoints/${endpointId}`, {
      webhook_endpoint: { webhook_url: 'https://b.test/' },
    });
    expect(await stateOf(id, 'next_attempt_at <= clock_timestamp() as due')).toEqual({ due: true });
  });
});

describe('the keys', () => {
  const publicKey = async (): Promise<string> =>
    (await caller.lago.webhooks.fetchJsonPublicKey()).data.webhook.public_key;

  test('the public one is base64 of a PEM, the same for everybody, as JSON and as plain text', async () => {
    const key = await publicKey();
    const pem = Buffer.from(key, 'base64').toString();
    expect(createPublicKey(pem).asymmetricKeyType).toBe('rsa');
    const plain = await caller.send('GET', '/webhooks/public_key');
    expect(plain.body).toBe(key);
    expect(plain.headers.get('Content-Type')).toMatch(/^text\/plain/);
    const other = await app.organization();
    expect(at(await other.ok('GET', '/webhooks/json_public_key'), 'webhook.public_key')).toBe(key);
  });

  test('the one for HMAC is the organization’s own, shown to its operator and to itself', async () => {
    const created = await app.send(ADMIN_KEY, 'POST', '/admin/organizations', { organization: { name: 'Keyed' } });
    const key = textAt(created.body, 'organization.hmac_key');
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    const asked = await app.send(textAt(created.body, 'organization.api_key'), 'GET', '/api/v1/webhooks/hmac_key');
    expect(at(asked.body, 'webhook.hmac_key')).toBe(key);
    expect(at(await caller.ok('GET', '/webhooks/hmac_key'), 'webhook.hmac_key')).not.toBe(key);
    expect(JSON.stringify(await caller.ok('GET', '/organizations'))).not.toContain('hmac');
  });

  test('are stored sealed, and refused by a process with another secret key', async () => {
    await publicKey();
    const rows = await app.rows(
      'select webhook_hmac_key as key from organizations union all select webhook_private_key from server',
    );
    for (const { key } of rows as { key: string }[]) expect(key).toMatch(/^v1\./);
    const wrong = makeWebhookKeys(app.orm, 'not the secret key of the tests');
    await expect(refuseWrongKey(wrong)).rejects.toThrow(/^DURABILL_SECRET_KEY is not the key/);
    await expect(wrong.hmacKey(caller.organizationId)).rejects.toThrow(/DURABILL_SECRET_KEY/);
  });

  test('are made once, however many ask first', async () => {
    await app.rows('update server set webhook_private_key = null');
    const several = Array.from({ length: 3 }, () => makeWebhookKeys(app.orm, 'the secret key of the tests'));
    const [first, ...others] = await Promise.all(several.map((keys) => keys.publicKey()));
    expect(others).toEqual([first, first]);
  });
});
