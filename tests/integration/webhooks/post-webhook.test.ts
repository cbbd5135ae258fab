import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readAllowedNetworks } from '../../../activities/webhooks/allowed-networks.ts';
import { makePostWebhook, type PostOptions, type ResolveHost } from '../../../activities/webhooks/post-webhook.ts';
import { answering, webhookReceiver, type WebhookReceiver } from '../../support/servers/webhook-receiver.ts';

let receiver: WebhookReceiver;

beforeAll(async () => {
  receiver = await webhookReceiver();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answer = answering(204);
});
afterAll(() => receiver.close());

const body = JSON.stringify({ webhook_type: 'x', object_type: 'x' });

const post = (url: string, options: Partial<PostOptions> = {}, signal = new AbortController().signal) =>
  makePostWebhook({ allowed: readAllowedNetworks('true'), ...options })({
    url,
    headers: { 'X-Lago-Unique-Key': 'k' },
    body,
    signal,
  });

const portOf = ({ url }: WebhookReceiver): string => new URL(url).port;

describe('one try of a delivery', () => {
  test.each([200, 201, 202, 204])('is acknowledged by %d', async (status) => {
    receiver.answer = answering(status, status === 204 ? '' : 'thanks');
    expect(await post(receiver.url)).toEqual({
      acknowledged: true,
      httpStatus: status,
      response: status === 204 ? '' : 'thanks',
    });
  });

  test.each([203, 205, 304, 400, 401, 404, 410, 429, 500, 503])('is not by %d', async (status) => {
    receiver.answer = answering(status);
    expect(await post(receiver.url)).toMatchObject({ acknowledged: false, httpStatus: status });
  });

  test('sends the exact body, and neither cookies nor credentials', async () => {
    receiver.answer = answering(200, '', { 'Set-Cookie': 'a=b' });
    const url = new URL(receiver.url);
    [url.username, url.password, url.search] = ['user', 'secret', '?q=1'];
    await post(url.href);
    await post(url.href);
    expect(receiver.received).toHaveLength(2);
    const [, second] = receiver.received;
    expect(second?.body).toBe(body);
    expect(second?.path).toBe('/hooks?q=1');
    expect(second?.headers).toMatchObject({ 'content-length': String(body.length), 'x-lago-unique-key': 'k' });
    expect(Object.keys(second?.headers ?? {})).not.toContain('cookie');
    expect(Object.keys(second?.headers ?? {})).not.toContain('authorization');
  });

  test.each([301, 302, 303, 307, 308])('does not follow a %d', async (status) => {
    const other = await webhookReceiver();
    try {
      receiver.answer = answering(status, 'elsewhere', { Location: other.url });
      expect(await post(receiver.url)).toEqual({ acknowledged: false, httpStatus: status, response: 'elsewhere' });
      expect(other.received).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test('keeps 64 KiB of an answer and reads no further, and makes it a text that can be stored', async () => {
    receiver.answer = (_, response) => {
      response.writeHead(500);
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    };
    // It is not the time limit that ends it.
    const answer = await post(receiver.url, { limitMs: 3_600_000 });
    expect(answer).toMatchObject({ acknowledged: false, httpStatus: 500 });
    expect(answer?.response).toHaveLength(65_536);
    receiver.answer = (_, response) => void response.writeHead(200).end(Buffer.from([0x61, 0x00, 0xff, 0x62]));
    expect((await post(receiver.url))?.response).toBe('a\uFFFD\uFFFDb');
  });

  test('ends at its limit when nothing is answered', async () => {
    receiver.answer = () => undefined;
    expect(await post(receiver.url, { limitMs: 100 })).toEqual({
      acknowledged: false,
      httpStatus: null,
      response: 'no answer within 0.1 s',
    });
  });

  test('ends at its limit when the name is not found out', async () => {
    const never: ResolveHost = () => new Promise(() => undefined);
    expect(await post('http://slow.test/', { limitMs: 100, resolve: never })).toMatchObject({
      response: 'no answer within 0.1 s',
    });
  });

  test('whose answer begins and does not end is judged by its status', async () => {
    receiver.answer = (_, response) => void response.writeHead(200).write('partly');
    expect(await post(receiver.url, { limitMs: 200 })).toEqual({
      acknowledged: true,
      httpStatus: 200,
      response: 'partly',
    });
  });

  test('is nothing when it was ended from outside', async () => {
    const ending = new AbortController();
    receiver.answer = () => ending.abort();
    expect(await post(receiver.url, {}, ending.signal)).toBeUndefined();
  });

  test('says why nobody could be reached', async () => {
    const gone = await webhookReceiver();
    const { url } = gone;
    await gone.close();
    expect(await post(url)).toMatchObject({
      acknowledged: false,
      httpStatus: null,
      response: expect.stringContaining('ECONNREFUSED'),
    });
    const hangsUp = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => hangsUp.once('listening', resolve));
    const { port } = hangsUp.address() as AddressInfo;
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ httpStatus: null, acknowledged: false });
    hangsUp.close();
    expect(await post('not a url')).toMatchObject({
      acknowledged: false,
      response: expect.stringContaining('Invalid URL'),
    });
  });

  test('sends the name of the host whose address was looked up', async () => {
    const asked: string[] = [];
    const resolve: ResolveHost = (host) => {
      asked.push(host);
      return Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
    };
    await post(`http://hooks.example.test:${portOf(receiver)}/hooks`, { resolve });
    expect(asked).toEqual(['hooks.example.test']);
    expect(receiver.received[0]?.headers.host).toBe(`hooks.example.test:${portOf(receiver)}`);
  });
});

describe('where private addresses are not allowed', () => {
  const strict = (url: string, resolve?: ResolveHost) =>
    post(url, { allowed: readAllowedNetworks(undefined), limitMs: 2000, ...(resolve && { resolve }) });
  const refused = { acknowledged: false, httpStatus: null };
  const addresses =
    (...list: string[]): ResolveHost =>
    () =>
      Promise.resolve(list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));

  test.each(['http://example.com/', 'ftp://example.com/', 'file:///etc/passwd'])('%s is refused', async (url) => {
    expect(await strict(url, addresses('1.1.1.1'))).toEqual({
      ...refused,
      response: 'refused: only https URLs are allowed',
    });
  });

  test.each([
    'https://127.0.0.1/',
    'https://localhost/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[fd00:ec2::254]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.0.0.1:8080/',
  ])('%s is refused', async (url) => {
    expect(await strict(url)).toEqual({
      ...refused,
      response: 'refused: the host has a private, loopback or reserved address',
    });
  });

  test('a name is refused for any one of its addresses, and the answer names none', async () => {
    const answer = await strict('https://mixed.test/', addresses('1.1.1.1', '10.1.2.3'));
    expect(answer).toMatchObject(refused);
    expect(answer?.response).toMatch(/^refused: /);
    expect(answer?.response).not.toContain('10.1');
    expect(await strict('https://mapped.test/', addresses('::ffff:10.1.2.3'))).toMatchObject(refused);
    expect(await strict('https://none.test/', addresses())).toMatchObject(refused);
  });

  test('a name that changes its address after the check still leads to the checked one', async () => {
    // The first look-up says an address where nobody listens, any later one the address of a receiver of ours.
    let lookUps = 0;
    const rebinding: ResolveHost = () => {
      lookUps += 1;
      return Promise.resolve([{ address: lookUps === 1 ? '127.0.0.9' : '127.0.0.1', family: 4 }]);
    };
    const url = `http://rebinding.test:${portOf(receiver)}/hooks`;
    expect(await post(url, { resolve: rebinding })).toMatchObject({
      acknowledged: false,
      response: expect.stringContaining('127.0.0.9'),
    });
    expect(lookUps).toBe(1);
    expect(receiver.received).toEqual([]);
    // The next try looks again, and is refused if the new address is private.
    const rebound: ResolveHost = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
    expect(await strict(`https://rebinding.test:${portOf(receiver)}/hooks`, rebound)).toMatchObject({
      response: expect.stringMatching(/^refused/),
    });
  });
});

describe('where some networks are allowed', () => {
  const to = (address: string, url = `http://hooks.test:${portOf(receiver)}/hooks`, ...others: string[]) =>
    post(url, {
      allowed: readAllowedNetworks('127.0.0.0/31, fd00::/8,::1'),
      limitMs: 2000,
      resolve: () =>
        Promise.resolve([address, ...others].map((one) => ({ address: one, family: one.includes(':') ? 6 : 4 }))),
    });

  test('webhooks go there, over http too', async () => {
    expect(await to('127.0.0.1')).toMatchObject({ acknowledged: true });
  });

  test.each([
    ['127.0.0.2', 'http'],
    ['1.1.1.1', 'http'],
    ['127.0.0.1', 'http', '1.1.1.1'],
    ['10.0.0.1', 'https'],
    ['127.0.0.1', 'https', '10.0.0.1'],
    ['fe80::1', 'https'],
  ])('not to %s over %s', async (address, protocol, ...others) => {
    const answer = await to(address, `${protocol}://hooks.test:${portOf(receiver)}/hooks`, ...others);
    expect(answer).toMatchObject({
      acknowledged: false,
      httpStatus: null,
      response: expect.stringMatching(/^refused: /),
    });
    expect(receiver.received).toEqual([]);
  });

  test.each(['10.0.0.0/33', '10.0.0/8', 'fd00::/129', 'localhost', '10.0.0.0/8,', 'yes', '10.0.0.0/-1'])(
    '%s names none',
    (text) => {
      expect(() => readAllowedNetworks(text)).toThrow('is not a network');
    },
  );
});
