import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
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

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization();
});
afterAll(() => app.close());

const URL = 'https://hooks.example.com/lago';
const post = (endpoint: unknown) => caller.send('POST', '/webhook_endpoints', { webhook_endpoint: endpoint });
const put = (id: string, endpoint: unknown) =>
  caller.send('PUT', `/webhook_endpoints/${id}`, { webhook_endpoint: endpoint });
const created = async (endpoint: unknown = { webhook_url: URL }): Promise<string> =>
  textAt(await caller.ok('POST', '/webhook_endpoints', { webhook_endpoint: endpoint }), 'webhook_endpoint.lago_id');

describe('a webhook endpoint', () => {
  test('lives its whole life through the official client', async () => {
    const { lago } = caller;
    const { data } = await lago.webhookEndpoints.createWebhookEndpoint({
      webhook_endpoint: { webhook_url: URL, signature_algo: 'hmac' },
    });
    const { lago_id: id } = data.webhook_endpoint;
    expect(data.webhook_endpoint).toMatchObject({
      lago_organization_id: caller.organizationId,
      webhook_url: URL,
      signature_algo: 'hmac',
      event_types: null,
    });
    await lago.webhookEndpoints.updateWebhookEndpoint(id, {
      webhook_endpoint: { webhook_url: `${URL}/2`, signature_algo: 'jwt', event_types: ['invoice.created'] },
    });
    const found = await lago.webhookEndpoints.findWebhookEndpoint(id);
    expect(found.data.webhook_endpoint).toMatchObject({
      webhook_url: `${URL}/2`,
      signature_algo: 'jwt',
      event_types: ['invoice.created'],
    });
    const listed = await lago.webhookEndpoints.findAllWebhookEndpoints();
    expect(listed.data.webhook_endpoints.map(({ lago_id }) => lago_id)).toEqual([id]);
    await lago.webhookEndpoints.destroyWebhookEndpoint(id);
    expect(asPlain(await caller.send('GET', `/webhook_endpoints/${id}`))).toEqual(notFound('webhook_endpoint'));
  });

  test('is signed by JWT, has no name and wants everything, unless said otherwise', async () => {
    const { body } = await post({ webhook_url: ` ${URL} ` });
    expect(at(body, 'webhook_endpoint')).toMatchObject({
      webhook_url: URL,
      signature_algo: 'jwt',
      name: null,
      event_types: null,
    });
  });

  test.each([
    [{}, { webhook_url: ['value_is_mandatory'] }],
    [{ webhook_url: null }, { webhook_url: ['value_is_mandatory'] }],
    [{ webhook_url: ' ' }, { webhook_url: ['value_is_mandatory'] }],
    [{ webhook_url: 'hooks.example.com' }, { webhook_url: ['url_is_invalid'] }],
    [{ webhook_url: 'ftp://example.com/' }, { webhook_url: ['url_is_invalid'] }],
    [{ webhook_url: 'https://' }, { webhook_url: ['url_is_invalid'] }],
    // Addresses to which nothing is ever sent here; the names of such are seen at the tries.
    [{ webhook_url: 'https://127.0.0.1/' }, { webhook_url: ['url_is_invalid'] }],
    [{ webhook_url: 'https://2130706433/' }, { webhook_url: ['url_is_invalid'] }],
    [{ webhook_url: 'https://10.1.2.3:8443/hooks' }, { webhook_url: ['url_is_invalid'] }],
    [{ webhook_url: 'https://[::1]/' }, { webhook_url: ['url_is_invalid'] }],
    [{ webhook_url: 'https://[::ffff:10.1.2.3]/' }, { webhook_url: ['url_is_invalid'] }],
    [{ webhook_url: 'http://93.184.216.34/' }, { webhook_url: ['url_is_invalid'] }],
    [{ webhook_url: 7 }, { webhook_url: ['value_is_invalid'] }],
    [{ webhook_url: `${URL}/${'x'.repeat(2000)}` }, { webhook_url: ['value_is_too_long'] }],
    [{ webhook_url: URL, signature_algo: 'md5' }, { signature_algo: ['value_is_invalid'] }],
    [{ webhook_url: URL, event_types: 'invoice.created' }, { event_types: ['must_be_array'] }],
    [{ webhook_url: URL, event_types: {} }, { event_types: ['must_be_array'] }],
    [
      { webhook_url: URL, event_types: ['invoice.created', 'nope', 5, 'Constructor'] },
      { event_types: ['unknown event types: nope, 5, constructor'] },
    ],
  ])('with %j is refused', async (endpoint, details) => {
    expect(asPlain(await post({ unknown: 1, ...endpoint }))).toEqual(validationErrors(details));
    expect(at(await caller.ok('GET', '/webhook_endpoints'), 'meta.total_count')).toBe(0);
  });

  test.each([
    [null, null],
    [['*'], null],
    [['invoice.created', '*'], null],
    [[], []],
    [
      [' Invoice.Created ', 'invoice.created', 'FEE.CREATED'],
      ['invoice.created', 'fee.created'],
    ],
    [['credit_note.provider_refund_failure'], ['credit_note.refund_failure']],
  ])('that asks for %j gets %j', async (asked, stored) => {
    const { body } = await post({ webhook_url: URL, event_types: asked });
    expect(at(body, 'webhook_endpoint.event_types')).toEqual(stored);
  });

  test('changes only in what is given', async () => {
    const id = await created({ webhook_url: URL, name: 'Main', signature_algo: 'hmac', event_types: ['fee.created'] });
    const { body } = await put(id, { name: 'Second' });
    expect(at(body, 'webhook_endpoint')).toMatchObject({
      webhook_url: URL,
      name: 'Second',
      signature_algo: 'hmac',
      event_types: ['fee.created'],
    });
    expect(at((await put(id, { event_types: null, name: null })).body, 'webhook_endpoint')).toMatchObject({
      event_types: null,
      name: null,
    });
    expect(asPlain(await put(id, { webhook_url: '' }))).toEqual(
      validationErrors({ webhook_url: ['value_is_mandatory'] }),
    );
  });

  test('has a URL that no other of the organization has, also when many ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => post({ webhook_url: URL })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const taken = validationErrors({ webhook_url: ['value_already_exist'] });
    expect(asPlain(await post({ webhook_url: URL }))).toEqual(taken);
    const other = await created({ webhook_url: `${URL}/2` });
    expect(asPlain(await put(other, { webhook_url: URL }))).toEqual(taken);
    expect((await put(other, { webhook_url: `${URL}/2` })).status).toBe(200);
    const stranger = await app.organization();
    await stranger.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: URL } });
  });

  test('is one of ten at most, also when many ask at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 14 }, (_, index) => post({ webhook_url: `${URL}/${index}` })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(asPlain(answers.find(({ status }) => status !== 200)!)).toEqual(
      validationErrors({ base: ['exceeded_limit'] }),
    );
    const [first] = at(await caller.ok('GET', '/webhook_endpoints'), 'webhook_endpoints') as { lago_id: string }[];
    await caller.ok('DELETE', `/webhook_endpoints/${first?.lago_id}`);
    expect((await post({ webhook_url: URL })).status).toBe(200);
  });

  test('needs a root and an id', async () => {
    expect((await caller.send('POST', '/webhook_endpoints', {})).status).toBe(400);
    expect(asPlain(await caller.send('GET', '/webhook_endpoints/nothing'))).toEqual(notFound('webhook_endpoint'));
    expect(asPlain(await put('nothing', { name: 'x' }))).toEqual(notFound('webhook_endpoint'));
    expect(asPlain(await caller.send('DELETE', '/webhook_endpoints/nothing'))).toEqual(notFound('webhook_endpoint'));
  });
});

describe('the organization', () => {
  test('shows its endpoints, and its URL is that of the first', async () => {
    const shown = async () => at(await caller.ok('GET', '/organizations'), 'organization');
    expect(await shown()).toMatchObject({ webhook_url: null, webhook_urls: [] });
    const { body } = await caller.send('PUT', '/organizations', { organization: { webhook_url: URL } });
    expect(at(body, 'organization')).toMatchObject({ webhook_url: URL, webhook_urls: [URL] });
    await created({ webhook_url: `${URL}/2`, signature_algo: 'hmac' });
    await caller.ok('PUT', '/organizations', { organization: { webhook_url: `${URL}/1` } });
    expect(await shown()).toMatchObject({ webhook_url: `${URL}/1`, webhook_urls: [`${URL}/1`, `${URL}/2`] });
    await caller.ok('PUT', '/organizations', { organization: { webhook_url: '', city: 'Paris' } });
    await caller.ok('PUT', '/organizations', { organization: { webhook_url: null, city: 'Paris' } });
    expect(await shown()).toMatchObject({ webhook_urls: [`${URL}/1`, `${URL}/2`] });
  });

  test.each([
    ['nowhere', 'url_is_invalid'],
    ['https://192.168.0.1/', 'url_is_invalid'],
    [`${URL}/2`, 'value_already_exist'],
  ])('refuses %s as its URL', async (url, code) => {
    await created();
    await created({ webhook_url: `${URL}/2` });
    const answer = await caller.send('PUT', '/organizations', { organization: { webhook_url: url, city: 'Paris' } });
    expect(asPlain(answer)).toEqual(validationErrors({ webhook_url: [code] }));
    expect(at(await caller.ok('GET', '/organizations'), 'organization')).toMatchObject({
      webhook_url: URL,
      city: null,
    });
  });

  test('may be created with one', async () => {
    const other = await app.organization({ webhook_url: URL });
    expect(at(await other.ok('GET', '/organizations'), 'organization.webhook_urls')).toEqual([URL]);
    expect(at(await other.ok('GET', '/webhook_endpoints'), 'webhook_endpoints.0.webhook_url')).toBe(URL);
  });
});
