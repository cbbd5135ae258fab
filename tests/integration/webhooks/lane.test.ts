import { createHmac, createPublicKey, verify } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { EntityManager } from '@mikro-orm/postgresql';
import { MockActivityEnvironment } from '@temporalio/testing';
import { v7 } from 'uuid';
import { emitWebhooks } from '../../../activities/webhooks/emit-webhooks.ts';
import type { WebhookKeys } from '../../../activities/webhooks/webhook-keys.ts';
import { sql } from '../../../db/sql.ts';
import { fixtureDatabase } from '../../support/billing-fixture.ts';
import { until } from '../../support/until.ts';
import { whileHeld } from '../../support/while-held.ts';
import { answering, webhookReceiver, type WebhookReceiver } from '../../support/servers/webhook-receiver.ts';
import { laneFixture, laneKeys, type LaneFixture } from './lane-fixture.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;

let database: Awaited<ReturnType<typeof fixtureDatabase>>;
let keys: WebhookKeys;
let lane: LaneFixture;
let receiver: WebhookReceiver;

beforeAll(async () => {
  database = await fixtureDatabase();
  keys = laneKeys(database.orm);
});
beforeEach(async () => {
  lane = await laneFixture(database.orm, keys);
  receiver = await webhookReceiver();
});
afterEach(() => receiver.close());
afterAll(() => database.close());

const marks = (objectId: string, from = receiver): number[] =>
  from.received.filter((webhook) => webhook.objectId === objectId).map(({ json }) => json.customer.mark);

/** Not before what is due within the given time was tried. */
const later = async (endpointId: string, ms: number): Promise<void> => {
  lane.passes(ms);
  await lane.send(endpointId);
};

describe('a delivery', () => {
  test('is the exact body under the signature of the endpoint, by JWT', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    await lane.emit(v7(), 7);
    expect(await lane.send(endpoint)).toEqual({ outcome: 'ended' });
    const [webhook] = receiver.received;
    const [header, claims, signature] = String(webhook?.headers['x-lago-signature']).split('.');
    const publicKey = createPublicKey(await keys.publicKey());
    expect(
      verify('RSA-SHA256', Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature ?? '', 'base64url')),
    ).toBe(true);
    expect(JSON.parse(Buffer.from(claims ?? '', 'base64url').toString())).toEqual({
      data: webhook?.body,
      iss: 'https://billing.test',
    });
    expect(webhook?.headers).toMatchObject({ 'content-type': 'application/json', 'x-lago-signature-algorithm': 'jwt' });
    expect(webhook?.json).toEqual({
      webhook_type: 'customer.updated',
      object_type: 'customer',
      organization_id: lane.organizationId,
      customer: { lago_id: webhook?.objectId, mark: 7 },
    });
    expect(await lane.webhooks(endpoint)).toMatchObject([
      { id: webhook?.key, status: 'succeeded', place: 'left', retries: 0, httpStatus: 204, waitMs: null },
    ]);
  });

  test('is signed by HMAC where the endpoint wants that', async () => {
    const endpoint = await lane.endpoint(receiver.url, { algo: 'hmac' });
    await lane.emit(v7());
    await lane.send(endpoint);
    const [webhook] = receiver.received;
    const key = await keys.hmacKey(lane.organizationId);
    expect(webhook?.headers['x-lago-signature']).toBe(
      createHmac('sha256', key)
        .update(webhook?.body ?? '')
        .digest('base64'),
    );
    expect(webhook?.headers['x-lago-signature-algorithm']).toBe('hmac');
  });

  test('is tried again after 3 s, 9 s, 27 s, under the same key, until it is acknowledged, and then never again', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    receiver.answer = answering(500, 'broken');
    await lane.emit(v7());
    for (const [index, seconds] of [3, 9, 27].entries()) {
      const outcome = await lane.send(endpoint);
      expect(outcome.outcome).toBe('waiting');
      const [stored] = await lane.webhooks(endpoint);
      expect(stored).toMatchObject({ status: 'retrying', retries: index + 1, httpStatus: 500, response: 'broken' });
      expect((await lane.act(endpoint))?.state ?? 'none').toBe('none');
      lane.passes(seconds * SECOND_MS - 500);
      await lane.send(endpoint);
      expect(receiver.received).toHaveLength(index + 1);
      lane.passes(500);
    }
    receiver.answer = answering(200, 'at last');
    expect(await lane.send(endpoint)).toEqual({ outcome: 'ended' });
    await later(endpoint, 100 * HOUR_MS);
    expect(receiver.received).toHaveLength(4);
    expect(new Set(receiver.received.map(({ key }) => key)).size).toBe(1);
    expect(await lane.webhooks(endpoint)).toMatchObject([{ status: 'succeeded', retries: 3, response: 'at last' }]);
  });

  test('goes to the URL and under the algorithm that the endpoint has at that try', async () => {
    const endpoint = await lane.endpoint('http://127.0.0.1:1/');
    await lane.emit(v7());
    await lane.send(endpoint);
    expect(await lane.webhooks(endpoint)).toMatchObject([{ status: 'retrying', httpStatus: null }]);
    await lane.rows(`update webhook_endpoints set webhook_url = $2, signature_algo = 'hmac' where id = $1`, [
      endpoint,
      receiver.url,
    ]);
    await later(endpoint, 4 * SECOND_MS);
    expect(receiver.received.map(({ headers }) => headers['x-lago-signature-algorithm'])).toEqual(['hmac']);
  });

  test('whose receiver redirects to a private address has failed, and nobody is asked there', async () => {
    const secret = await webhookReceiver();
    try {
      receiver.answer = answering(307, '', { Location: secret.url });
      const endpoint = await lane.endpoint(receiver.url);
      await lane.emit(v7());
      await lane.send(endpoint);
      expect(await lane.webhooks(endpoint)).toMatchObject([{ status: 'retrying', httpStatus: 307 }]);
      expect(secret.received).toEqual([]);
    } finally {
      await secret.close();
    }
  });

  test('fails for good after 72 hours, with a last try at their end', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    await receiver.down();
    await lane.emit(v7());
    const waits: number[] = [];
    for (let tries = 1; tries < 100; tries += 1) {
      const outcome = await lane.send(endpoint);
      if (outcome.outcome !== 'waiting') break;
      waits.push(outcome.waitMs);
      lane.passes(outcome.waitMs + 1);
    }
    const [stored] = await lane.webhooks(endpoint);
    expect(stored).toMatchObject({ status: 'failed', place: 'left', waitMs: null });
    expect(stored?.response).toContain('ECONNREFUSED');
    expect(Math.max(...waits)).toBeLessThanOrEqual(2 * HOUR_MS);
    const hours = waits.reduce((sum, ms) => sum + ms, 0) / HOUR_MS;
    expect(hours).toBeGreaterThan(71.9);
    expect(hours).toBeLessThan(72.1);
    await receiver.up();
    await later(endpoint, HOUR_MS);
    expect(receiver.received).toEqual([]);
  });
});

describe('the deliveries of one object', () => {
  test('are sent one after the other, while those of others go on', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    const [stuck, free] = [v7(), v7()];
    receiver.answer = ({ objectId }, response) => void response.writeHead(objectId === stuck ? 503 : 200).end();
    for (const mark of [1, 2, 3]) {
      await lane.emit(stuck, mark);
      await lane.emit(free, mark);
    }
    expect((await lane.send(endpoint)).outcome).toBe('waiting');
    expect(marks(free)).toEqual([1, 2, 3]);
    expect(marks(stuck)).toEqual([1]);
    expect((await lane.webhooks(endpoint)).map(({ place }) => place)).toEqual([
      'head',
      'left',
      'behind',
      'left',
      'behind',
      'left',
    ]);
    receiver.answer = answering(200);
    await later(endpoint, 4 * SECOND_MS);
    expect(marks(stuck)).toEqual([1, 1, 2, 3]);
    expect(await lane.send(endpoint)).toEqual({ outcome: 'ended' });
  });

  test('stay in order when more arrive while the first one waits', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    const object = v7();
    receiver.answer = answering(500);
    await lane.emit(object, 1);
    await lane.send(endpoint);
    await lane.emit(object, 2);
    await lane.send(endpoint);
    await lane.emit(object, 3);
    await lane.send(endpoint);
    expect(marks(object)).toEqual([1]);
    receiver.answer = answering(200);
    await later(endpoint, 4 * SECOND_MS);
    expect(marks(object)).toEqual([1, 1, 2, 3]);
  });

  test('go on when one of them has failed for good; each is tried, also long after its time', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    const object = v7();
    receiver.answer = ({ json }, response) => void response.writeHead(json.customer.mark === 1 ? 500 : 200).end();
    await lane.emit(object, 1);
    await lane.emit(object, 2);
    await lane.send(endpoint);
    await later(endpoint, 73 * HOUR_MS);
    expect(marks(object)).toEqual([1, 1, 2]);
    expect(await lane.webhooks(endpoint)).toMatchObject([{ status: 'failed' }, { status: 'succeeded' }]);
  });

  test('are never more than one at a time, with ten objects side by side', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    const objects = Array.from({ length: 25 }, () => v7());
    for (const mark of [1, 2, 3]) for (const object of objects) await lane.emit(object, mark);
    const open = new Map<string, number>();
    let most = 0;
    let doubled = 0;
    receiver.answer = ({ objectId }, response) => {
      open.set(objectId, (open.get(objectId) ?? 0) + 1);
      const now = [...open.values()].reduce((sum, count) => sum + count, 0);
      most = Math.max(most, now);
      doubled += (open.get(objectId) ?? 0) > 1 ? 1 : 0;
      setTimeout(() => {
        open.set(objectId, (open.get(objectId) ?? 0) - 1);
        response.writeHead(200).end();
      }, 5);
    };
    expect(await lane.send(endpoint)).toEqual({ outcome: 'ended' });
    expect(doubled).toBe(0);
    expect(most).toBeGreaterThan(5);
    expect(most).toBeLessThanOrEqual(10);
    expect(objects.map((object) => marks(object))).toEqual(objects.map(() => [1, 2, 3]));
  });
});

describe('an endpoint that is away', () => {
  test('for 71 hours gets every delivery once, in order of each object, as soon as it is back', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    const objects = Array.from({ length: 30 }, () => v7());
    await receiver.down();
    for (const mark of [1, 2, 3]) for (const object of objects) await lane.emit(object, mark);
    for (let hour = 0; hour < 71; hour += 1) await later(endpoint, HOUR_MS);
    await receiver.up();
    // Whatever waits longest is tried within two hours; its acknowledgement brings all others at once.
    const outcome = await lane.send(endpoint);
    if (outcome.outcome === 'waiting') await later(endpoint, outcome.waitMs);
    expect(await lane.send(endpoint)).toEqual({ outcome: 'ended' });
    expect(objects.map((object) => marks(object))).toEqual(objects.map(() => [1, 2, 3]));
    expect(new Set((await lane.webhooks(endpoint)).map(({ status }) => status))).toEqual(new Set(['succeeded']));
  });

  test('is asked one delivery a minute once it has failed 20 times in a row, and then gets all of them', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    receiver.answer = answering(503);
    for (let count = 0; count < 60; count += 1) await lane.emit(v7());
    const outcome = await lane.send(endpoint);
    const tried = receiver.received.length;
    expect(tried).toBeGreaterThanOrEqual(20);
    expect(tried).toBeLessThanOrEqual(30);
    expect(outcome).toEqual({ outcome: 'waiting', waitMs: expect.any(Number) });
    // Nothing wakes it before its minute is over, whatever arrives.
    await lane.emit(v7());
    expect(await lane.wanted()).toEqual([]);
    await later(endpoint, 30 * SECOND_MS);
    expect(receiver.received).toHaveLength(tried);
    await later(endpoint, 31 * SECOND_MS);
    expect(receiver.received).toHaveLength(tried + 1);
    receiver.answer = answering(200);
    await later(endpoint, 61 * SECOND_MS);
    expect(await lane.send(endpoint)).toEqual({ outcome: 'ended' });
    expect((await lane.webhooks(endpoint)).filter(({ status }) => status !== 'succeeded')).toEqual([]);
  });

  test('is not hurried by a delivery of its own that alone keeps failing', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    const bad = v7();
    receiver.answer = ({ objectId }, response) => void response.writeHead(objectId === bad ? 500 : 200).end();
    await lane.emit(bad);
    await lane.send(endpoint);
    await later(endpoint, 4 * SECOND_MS);
    for (let count = 0; count < 5; count += 1) {
      await lane.emit(v7());
      await lane.send(endpoint);
    }
    expect(marks(bad)).toHaveLength(2);
  });
});

describe('a slow answer', () => {
  test('holds up neither other objects nor what arrives meanwhile', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    const slow = v7();
    let release = (): void => undefined;
    receiver.answer = ({ objectId }, response) => {
      if (objectId === slow) release = () => void response.writeHead(200).end();
      else response.writeHead(200).end();
    };
    await lane.emit(slow);
    const sending = lane.send(endpoint);
    await until(() => receiver.received.length === 1, 'the slow one is asked');
    const others = [v7(), v7(), v7()];
    for (const object of others) await lane.emit(object);
    await until(() => receiver.received.length === 4, 'the others have come through');
    release();
    expect(await sending).toEqual({ outcome: 'ended' });
    expect((await lane.webhooks(endpoint)).map(({ status }) => status)).toEqual(Array(4).fill('succeeded'));
  });

  test('that never comes is a failure at its limit', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    receiver.answer = () => undefined;
    await lane.emit(v7());
    expect((await lane.send(endpoint, { limitMs: 100 })).outcome).toBe('waiting');
    expect(await lane.webhooks(endpoint)).toMatchObject([{ status: 'retrying', response: 'no answer within 0.1 s' }]);
  });
});

describe('a worker that ends', () => {
  test('between the answer and its record leaves the delivery to be sent again under the same key', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    await lane.emit(v7(), 1);
    const killed = lane.send(endpoint, {
      fault: () => {
        throw new Error('killed');
      },
    });
    await expect(killed).rejects.toThrow('killed');
    expect(await lane.webhooks(endpoint)).toMatchObject([{ status: 'pending', place: 'head' }]);
    expect(await lane.send(endpoint)).toEqual({ outcome: 'ended' });
    expect(receiver.received.map(({ key }) => key)).toHaveLength(2);
    expect(new Set(receiver.received.map(({ key }) => key)).size).toBe(1);
  });

  test('by a shutdown counts nothing that was not answered', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    receiver.answer = () => undefined;
    await lane.emit(v7());
    const environment = new MockActivityEnvironment();
    const sending = lane.send(endpoint, { environment });
    await until(() => receiver.received.length === 1, 'it is asked');
    environment.cancel();
    expect(await sending).toEqual({ outcome: 'more' });
    expect(await lane.webhooks(endpoint)).toMatchObject([{ status: 'pending', retries: 0 }]);
  });

  test('late, after another has taken over, changes nothing that is finished', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    const answers: (() => void)[] = [];
    receiver.answer = (_, response) => void answers.push(() => response.writeHead(500).end());
    await lane.emit(v7());
    const zombie = lane.send(endpoint);
    await until(() => answers.length === 1, 'the first one waits for its answer');
    receiver.answer = answering(200);
    await lane.rows(`update webhooks set place = 'head' where webhook_endpoint_id = $1`, [endpoint]);
    expect(await lane.send(endpoint)).toEqual({ outcome: 'ended' });
    answers[0]?.();
    await zombie;
    expect(await lane.webhooks(endpoint)).toMatchObject([{ status: 'succeeded', retries: 0 }]);
  });
});

describe('the act of a lane', () => {
  test('is wanted when something arrives that no lane knows of, for that endpoint alone', async () => {
    const [one, other] = [
      await lane.endpoint(receiver.url, { types: ['customer.updated'] }),
      await lane.endpoint(`${receiver.url}/2`, { types: ['invoice.created'] }),
    ];
    expect(await lane.wanted()).toEqual([]);
    await lane.emit(v7());
    expect(await lane.wanted()).toEqual([one]);
    await lane.send(one);
    expect(await lane.act(one)).toEqual({ state: 'done', dueAt: null });
    expect(await lane.act(other)).toBeUndefined();
    expect(await lane.wanted()).toEqual([]);
  });

  test('waits until the next try, and is wanted before that when something arrives', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    receiver.answer = answering(500);
    await lane.emit(v7());
    await lane.wanted();
    await lane.send(endpoint);
    const act = await lane.act(endpoint);
    expect(act?.state).toBe('waiting');
    expect((act?.dueAt?.getTime() ?? 0) - lane.now().getTime()).toBeGreaterThan(2000);
    expect(await lane.wanted()).toEqual([]);
    await lane.emit(v7());
    expect(await lane.wanted()).toEqual([endpoint]);
  });

  test('stays wanted when it becomes so while the lane lays it down', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    await lane.emit(v7());
    await lane.wanted();
    const post = async () => {
      await lane.rows(`update acts set state = 'wanted', verb = 'signal' where argument->>'endpointId' = $1`, [
        endpoint,
      ]);
      return { acknowledged: true, httpStatus: 200, response: '' };
    };
    await lane.send(endpoint, { post });
    // It was taken up again by the look that came after.
    expect((await lane.act(endpoint))?.state).toBe('done');
  });

  test('does not keep a test clock busy', async () => {
    await lane.endpoint(receiver.url);
    await lane.emit(v7());
    await lane.wanted();
    const [busy] = await lane.rows<{ count: string }>(
      `select count(*) from acts where organization_id = $1 and state in ('wanted', 'working') and not aside`,
      [lane.organizationId],
    );
    expect(busy?.count).toBe('0');
  });
});

describe('an endpoint that is deleted', () => {
  test('while it is sent to ends its lane, and takes its deliveries with it', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    let release = (): void => undefined;
    receiver.answer = (_, response) => {
      release = () => void response.writeHead(200).end();
    };
    await lane.emit(v7());
    await lane.wanted();
    const sending = lane.send(endpoint);
    await until(() => receiver.received.length === 1, 'it is asked');
    await lane.rows('delete from webhook_endpoints where id = $1', [endpoint]);
    release();
    expect(await sending).toEqual({ outcome: 'ended' });
    expect(await lane.webhooks(endpoint)).toEqual([]);
    expect((await lane.act(endpoint))?.state).toBe('done');
  });
});

test('two endpoints know nothing of each other', async () => {
  const other = await webhookReceiver();
  try {
    await receiver.down();
    const [away, there] = [await lane.endpoint(receiver.url), await lane.endpoint(other.url)];
    const object = v7();
    for (const mark of [1, 2, 3]) await lane.emit(object, mark);
    await lane.send(away);
    expect(await lane.send(there)).toEqual({ outcome: 'ended' });
    expect(marks(object, other)).toEqual([1, 2, 3]);
    expect((await lane.webhooks(away)).map(({ status }) => status)).toEqual(['retrying', 'pending', 'pending']);
  } finally {
    await other.close();
  }
});

test('the look for lanes reads one page of the index where nothing has arrived, with 10,000 endpoints', async () => {
  await lane.rows(
    `insert into webhook_endpoints (id, organization_id, webhook_url, created_at, updated_at)
     select gen_random_uuid(), $1, 'https://example.test/' || n, now(), now() from generate_series(1, 10000) n`,
    [lane.organizationId],
  );
  // Each with an open delivery that its lane knows of.
  await lane.rows(
    `insert into webhooks (id, organization_id, webhook_endpoint_id, webhook_type, object_type, object_id, payload, place,
                           next_attempt_at, expires_at, created_at, updated_at)
     select gen_random_uuid(), organization_id, id, 'x', 'x', gen_random_uuid(), '{}', 'head', now(), now(), now(), now()
     from webhook_endpoints where organization_id = $1 and webhook_url like 'https://example.test/%'`,
    [lane.organizationId],
  );
  await lane.rows('vacuum analyze webhooks');
  const { endpointsWithArrivals } = await import('../../../db/queries/webhooks/webhook-lane.ts');
  const startedAt = performance.now();
  for (let look = 0; look < 20; look += 1) {
    expect(await endpointsWithArrivals(database.orm.em.fork(), 'webhooks/', new Date(), 200)).toEqual([]);
  }
  // A scan of the table, or a look at each endpoint, would take ten times as long and more.
  expect((performance.now() - startedAt) / 20).toBeLessThan(20);
});

describe('an endpoint that changes while its deliveries are looked for', () => {
  test('is sent to where it is then', async () => {
    const endpoint = await lane.endpoint('https://before.test');
    await lane.emit(v7());
    const outcome = await whileHeld(
      database.orm,
      (em) => sql(em, 'update webhook_endpoints set webhook_url = $2 where id = $1', [endpoint, receiver.url]),
      () => lane.send(endpoint),
    );
    expect(outcome).toEqual({ outcome: 'ended' });
    expect(receiver.received).toHaveLength(1);
  });

  test('stays until a cause that has seen it has committed with its deliveries', async () => {
    const endpoint = await lane.endpoint(receiver.url);
    const { organizationId } = lane;
    // It has looked for endpoints, and has not come to its deliveries yet.
    const cause = (em: EntityManager) =>
      emitWebhooks(em, { organizationId, now: lane.now() }, ['customer.updated'], () => []);
    await whileHeld(database.orm, cause, () => lane.rows('delete from webhook_endpoints where id = $1', [endpoint]));
    expect(await lane.send(endpoint)).toEqual({ outcome: 'ended' });
  });
});
