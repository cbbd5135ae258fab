// Webhooks of a running durabill: API, worker and Temporal as processes of their own.
import { createPublicKey, verify } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client as Database } from 'pg';
import { createOrganization, type OrganizationClient } from '../../support/organization-client.ts';
import { startRole } from '../../support/processes/role-process.ts';
import { runFolder } from '../../support/processes/run-folder.ts';
import { runningDurabill, type RunningDurabill } from '../../support/processes/running-durabill.ts';
import { until } from '../../support/until.ts';
import { answering, webhookReceiver, type WebhookReceiver } from '../../support/servers/webhook-receiver.ts';

const PUBLIC_URL = 'https://billing.example.test';

let durabill: RunningDurabill;
let database: Database;
let organization: OrganizationClient;
let receiver: WebhookReceiver;

beforeAll(async () => {
  durabill = await runningDurabill({
    environment: { DURABILL_ALLOW_PRIVATE_WEBHOOKS: 'true', DURABILL_PUBLIC_URL: PUBLIC_URL },
  });
  database = new Database({ connectionString: durabill.databaseUrl });
  await database.connect();
});
beforeEach(async () => {
  organization = await createOrganization(durabill, { test_mode: false });
  receiver = await webhookReceiver();
});
afterEach(() => receiver.close());
afterAll(async () => {
  await database.end();
  await durabill.stop();
});

const endpoint = async (url: string): Promise<string> =>
  (await organization.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: url } })).webhook_endpoint
    .lago_id;
const customer = (id: string, name = 'C') =>
  organization.ok('POST', '/customers', { customer: { external_id: id, name } });
const deliveries = async (query = ''): Promise<any[]> => (await organization.ok('GET', `/webhooks${query}`)).webhooks;
const laneOf = async (endpointId: string): Promise<string | undefined> =>
  (await database.query('select state from acts where id = $1', [`webhooks/${endpointId}`])).rows[0]?.state;
const laneBecomes = (endpointId: string, state: string) =>
  until(async () => (await laneOf(endpointId)) === state, `the lane is ${state}`);

describe('a running durabill', () => {
  test('delivers soon after the commit, signed for the public address, and its lane ends', async () => {
    const id = await endpoint(receiver.url);
    await customer('first');
    await until(() => receiver.received.length === 1, 'the first has arrived');
    await laneBecomes(id, 'done');
    const asked = performance.now();
    await customer('second');
    await until(() => receiver.received.length === 2, 'the second has arrived');
    // Half a second on a machine of its own; here others work beside it.
    expect(performance.now() - asked).toBeLessThan(3000);
    const { webhook } = await organization.ok('GET', '/webhooks/json_public_key');
    const publicKey = createPublicKey(Buffer.from(webhook.public_key, 'base64').toString());
    for (const { headers, body } of receiver.received) {
      const [header, claims, signature] = String(headers['x-lago-signature']).split('.');
      const signed = Buffer.from(`${header}.${claims}`);
      expect(verify('RSA-SHA256', signed, publicKey, Buffer.from(signature ?? '', 'base64url'))).toBe(true);
      expect(JSON.parse(Buffer.from(claims ?? '', 'base64url').toString())).toEqual({ data: body, iss: PUBLIC_URL });
    }
    await until(async () => (await deliveries('?statuses[]=succeeded')).length === 2, 'both are recorded');
  });

  test('lets no endpoint wait for another that never answers, is away, or fails', async () => {
    const [silent, failing, away] = [await webhookReceiver(), await webhookReceiver(), await webhookReceiver()];
    silent.answer = () => undefined;
    failing.answer = answering(500);
    const awayUrl = away.url;
    await away.close();
    try {
      for (const url of [silent.url, failing.url, awayUrl, receiver.url]) await endpoint(url);
      for (const name of ['1', '2', '3']) for (const id of ['a', 'b', 'c', 'd']) await customer(id, name);
      await until(() => receiver.received.length === 12, 'the healthy one has everything', 15_000);
      const namesOf = (id: string) =>
        receiver.received.filter(({ json }) => json.customer.external_id === id).map(({ json }) => json.customer.name);
      for (const id of ['a', 'b', 'c', 'd']) expect(namesOf(id)).toEqual(['1', '2', '3']);
      // Of each customer the silent one was asked for the oldest only, and still is.
      await until(() => silent.received.length >= 4, 'the silent one is asked');
      expect(silent.received.map(({ json }) => json.customer.name)).toEqual(['1', '1', '1', '1']);
    } finally {
      await Promise.all([silent.close(), failing.close()]);
    }
  });

  test('tries again by itself, and at once when asked to', async () => {
    const id = await endpoint(receiver.url);
    receiver.answer = answering(500);
    await customer('c', '1');
    await customer('c', '2');
    await until(() => receiver.received.length === 2, 'the first retry', 30_000);
    await laneBecomes(id, 'waiting');
    await database.query(
      `update webhooks set next_attempt_at = now() + interval '2 hours', retries = 9 where webhook_endpoint_id = $1`,
      [id],
    );
    receiver.answer = answering(200);
    const [second, first] = await deliveries();
    expect(first).toMatchObject({ status: 'retrying', http_status: 500 });
    expect(second).toMatchObject({ status: 'pending' });
    await organization.ok('POST', `/webhooks/${first.lago_id}/retry`);
    await until(async () => (await deliveries('?statuses[]=succeeded')).length === 2, 'both have come through');
    expect(receiver.received.map(({ json }) => json.customer.name)).toEqual(['1', '1', '1', '2']);
    await laneBecomes(id, 'done');
    expect((await organization.request('POST', `/webhooks/${first.lago_id}/retry`)).status).toBe(405);
  });

  test('ends the lane of an endpoint that is deleted while it waits', async () => {
    const id = await endpoint(receiver.url);
    receiver.answer = answering(500);
    await customer('c');
    await laneBecomes(id, 'waiting');
    await organization.ok('DELETE', `/webhook_endpoints/${id}`);
    await laneBecomes(id, 'done');
    expect(await deliveries()).toEqual([]);
  });

  test('does not make a test clock wait for deliveries', async () => {
    const tested = await createOrganization(durabill);
    receiver.answer = () => undefined;
    await tested.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: receiver.url } });
    await tested.ok('POST', '/customers', { customer: { external_id: 'c' } });
    await until(() => receiver.received.length === 1, 'the receiver is asked, and does not answer');
    await tested.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2046-01-01T00:00:00Z', mode: 'advance' } });
    await tested.settled(20_000);
    expect((await tested.ok('GET', '/test_clock')).test_clock.frozen_time).toBe('2046-01-01T00:00:00Z');
  });

  test('stops while a receiver does not answer, and sends again after the start', async () => {
    await endpoint(receiver.url);
    receiver.answer = () => undefined;
    await customer('c');
    await until(() => receiver.received.length === 1, 'the receiver is asked, and does not answer');
    await durabill.restart('worker');
    receiver.answer = answering(200);
    await until(async () => (await deliveries('?statuses[]=succeeded')).length === 1, 'it has come through');
    expect((await deliveries())[0]).toMatchObject({ retries: 0 });
    expect(new Set(receiver.received.map(({ key }) => key)).size).toBe(1);
  });

  test('is not joined by a process with another secret key, which says why', async () => {
    await organization.ok('GET', '/webhooks/hmac_key');
    const environment = {
      ...process.env,
      DATABASE_URL: durabill.databaseUrl,
      DURABILL_ADMIN_KEY: durabill.adminKey,
      DURABILL_SECRET_KEY: 'another key than the one of the first start',
      PORT: '0',
    };
    await expect(startRole('api', environment, join(runFolder(), 'wrong-key.log'))).rejects.toThrow(
      /durabill api: DURABILL_SECRET_KEY is not the key that sealed this database's secrets: set the one of the first start/,
    );
  });
});
