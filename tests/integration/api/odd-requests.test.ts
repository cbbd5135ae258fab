// Requests that nobody should send, made from the API's own document: each gets a documented answer, never a 5xx, and
// one that is refused changes no row.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ExactNumber } from '../../../billing/usage/exact-number.ts';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { until } from '../../support/until.ts';
import {
  ADMIN_KEY,
  asPlain,
  at,
  listeningApp,
  validationErrors,
  type Caller,
  type ListeningApp,
} from './listening-app.ts';
import { rawRequest } from './raw-request.ts';

const SEED = Number(process.env['ODD_SEED'] ?? 1);
const REQUESTS = Number(process.env['ODD_REQUESTS'] ?? 800);

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;
let operations: Operation[];
let document: object;
const log: string[] = [];

beforeAll(async () => {
  app = await listeningApp({ onLogLine: (line) => void log.push(line) });
  caller = await app.organization();
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2023-03-01T00:00:00Z');
  await something();
  document = (await app.send('', 'GET', '/openapi.json')).body as object;
  const paths = at(document, 'paths') as Record<string, Record<string, Omit<Operation, 'path' | 'method'>>>;
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method })),
  );
});
afterAll(() => app.close());

/** Something to ask for: a draft among it. What an odd request has deleted is made again. */
async function something(): Promise<void> {
  const post = (path: string, body: object) => caller.send('POST', path, body);
  await post('/billable_metrics', { billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' } });
  const metric = (await caller.send('GET', '/billable_metrics/calls')).body;
  await post('/plans', {
    plan: {
      name: 'Plan',
      code: 'plan',
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: true,
      charges: [
        {
          billable_metric_id: at(metric, 'billable_metric.lago_id'),
          charge_model: 'standard',
          properties: { amount: '1' },
        },
      ],
    },
  });
  await post('/customers', {
    customer: { external_id: 'ann', billing_configuration: { invoice_grace_period: 3 } },
  });
  await post('/subscriptions', {
    subscription: { external_customer_id: 'ann', external_id: 'sub', plan_code: 'plan' },
  });
  await post('/webhook_endpoints', { webhook_endpoint: { webhook_url: 'https://one.test' } });
}

const KNOWN = [
  'ann',
  'sub',
  'plan',
  'calls',
  'default',
  'EUR',
  'Europe/Paris',
  'FR',
  '2023-03-15T10:00:00Z',
  'https://a.test',
];

const ODD: readonly unknown[] = [
  ...[null, '', ' ', 'x', 'é'.repeat(130), 'x'.repeat(5000), '\u0000', 'a\u0000b', '\uD800', '😀', true, false],
  ...[0, -1, 2.5, 1e21, 2 ** 53, -(2 ** 53), 1e-9, 1e308, 'NaN', '1e5', '-5'],
  ...['9007199254740993', '1.23456789012345678E+10', '1e400'].map((source) => new ExactNumber(source)),
  ...[[], {}, [null], [[]], [{}], { a: 1 }, ['x', 'x'], { ['__proto__']: { x: 1 } }, { constructor: 1 }],
  ...[
    '9999-12-31T23:59:59Z',
    '0001-01-01T00:00:00Z',
    '+275760-09-13T00:00:00Z',
    '2023-02-30',
    '2023-03-01T00:00:00+25:00',
  ],
  ...[
    '00000000-0000-0000-0000-000000000000',
    'Mars/Olympus',
    'http://127.0.0.1',
    'javascript:alert(1)',
    `https://${'x'.repeat(3000)}.test`,
  ],
];

const odd = fc.constantFrom(...ODD);

const resolved = (schema: Schema): Schema =>
  schema.$ref ? (at(document, schema.$ref.split('/').slice(1).join('.')) as Schema) : schema;

/** Mostly what a schema says, and odd values in between. */
function valueOf(given: Schema): fc.Arbitrary<unknown> {
  const schema = resolved(given);
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choices) return fc.oneof(...choices.map(valueOf));
  if (schema.enum) return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...schema.enum) }, odd);
  return fc.oneof({ weight: 3, arbitrary: expectedOf(schema) }, odd);
}

function expectedOf({ type, properties, required = [], items }: Schema): fc.Arbitrary<unknown> {
  if (properties) {
    const fields = Object.entries(properties).map(([name, schema]) =>
      fc
        .option(valueOf(schema), { freq: required.includes(name) ? 20 : 1, nil: undefined })
        .map((value) => [name, value] as const),
    );
    return fc.tuple(...fields).map((pairs) => Object.fromEntries(pairs));
  }
  switch (Array.isArray(type) ? type[0] : type) {
    case 'array':
      return fc.array(items ? valueOf(items) : odd, { maxLength: 3 });
    case 'object':
      return fc.dictionary(fc.string({ maxLength: 5 }), odd, { maxKeys: 3 });
    case 'integer':
    case 'number':
      return fc.constantFrom(0, 1, 5, 3100, 1e12, -1, 2 ** 53 - 1, 12.5, '7');
    case 'boolean':
      return fc.boolean();
    default:
      return fc.constantFrom(...KNOWN);
  }
}

interface OddRequest {
  readonly operation: Operation;
  readonly path: string;
  readonly body: unknown;
  readonly key: string | null;
}

const inPath = (ids: readonly string[]) =>
  fc.constantFrom(...KNOWN, ...ids, 'x', '\u0000', '..', 'é', 'x'.repeat(300), '00000000-0000-0000-0000-000000000000');

const RAW_QUERIES = [
  'page=0',
  'page=99999999999999999999',
  'per_page=1e9',
  'status[]=x',
  'metadata[]=1',
  'a[b][c][d]=1',
  'status=1&status=2',
  '%E0%A4%A=1',
];
const nested = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
const RAW_BODIES = ['{', '[1', '"', nested(2000), nested(200_000), 'null'];

/** An odd request for any operation. @param ids of what there is. */
function requestTo(operation: Operation, ids: readonly string[]): fc.Arbitrary<OddRequest> {
  const { path, method, parameters = [], requestBody } = operation;
  const places = path.match(/\{\w+\}/g) ?? [];
  const queries = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  const texts = fc
    .oneof(odd.map(String), fc.constantFrom(...KNOWN, '1', 'active', 'draft'))
    .filter((text) => text.isWellFormed());
  const query = fc
    .tuple(
      fc.subarray(queries, { maxLength: Math.min(queries.length, 3) }),
      fc.array(texts, { minLength: 3, maxLength: 3 }),
    )
    .map(([names, values]) =>
      names.map((name, place) => `${encodeURIComponent(name)}=${encodeURIComponent(values[place]!)}`).join('&'),
    );
  const schema = requestBody?.content['application/json']?.schema;
  return fc.record({
    operation: fc.constant(operation),
    path: fc
      .tuple(
        fc.array(inPath(ids), { minLength: places.length, maxLength: places.length }),
        fc.oneof({ weight: 9, arbitrary: query }, fc.constantFrom(...RAW_QUERIES)),
      )
      .map(([values, text]) => {
        let place = 0;
        return `${path.replace(/\{\w+\}/g, () => encodeURIComponent(values[place++]!))}${text && `?${text}`}`;
      }),
    body:
      method === 'get'
        ? fc.constant(undefined)
        : fc.oneof(
            { weight: 30, arbitrary: schema ? valueOf(schema) : fc.option(odd, { nil: undefined }) },
            fc.constantFrom(...RAW_BODIES),
          ),
    key:
      method === 'get'
        ? fc.constant(null)
        : fc.option(fc.constantFrom('one', 'two', 'x'.repeat(256), '~'), { freq: 6 }),
  });
}

const idsOf = async (): Promise<string[]> => {
  const rows = await app.rows<{ id: string }>(
    `(select id::text from invoices limit 5) union all (select id::text from webhooks limit 5)
     union all (select id::text from webhook_endpoints limit 5) union all (select id from acts limit 9)
     union all (select id::text from fees limit 5)`,
  );
  return rows.map(({ id }) => id);
};

const TABLES = [
  'customers',
  'plans',
  'charges',
  'billable_metrics',
  'subscriptions',
  'invoices',
  'fees',
  'events',
  'acts',
  'webhooks',
  'webhook_endpoints',
  'billing_entities',
  'organizations',
];

/** Differs as soon as one row is written. */
async function versionOfRows(): Promise<unknown> {
  const parts = TABLES.map((table) => `(select coalesce(sum(hashtext(ctid::text || xmin::text)), 0) from ${table})`);
  const [row] = await app.rows<{ version: string }>(`select concat_ws(' ', ${parts.join(', ')}) as version`);
  return row?.version;
}

/** A request line with what a client of the API sends besides. */
const lines = (first: string, ...more: string[]): string =>
  [first, 'Host: durabill.test', `Authorization: Bearer ${caller.key}`, 'Connection: close', ...more, '', ''].join(
    '\r\n',
  );

const SECRET = 'ann.secret@acme.test';

describe('whatever the first line of a request is, it is answered in JSON, and its query is in no log line', () => {
  test.each<[number, string, ...string[]]>([
    [200, 'GET /api/v1/customers?external_id=SECRET HTTP/1.1'],
    [200, 'GET http://elsewhere.test/api/v1/customers?external_id=SECRET HTTP/1.1'],
    [200, 'GET HTTPS://elsewhere.test:8443/api/v1/customers?external_id=SECRET HTTP/1.1'],
    [200, 'GET /api/v1/customers?external_id=SECRET HTTP/1.0'],
    [200, 'GET /api/v1/customers?external_id=SECRET HTTP/1.1', 'Expect: the-unexpected'],
    [200, 'GET /api/v1/customers?external_id=SECRET HTTP/1.1', 'Connection: upgrade', 'Upgrade: websocket'],
    [400, 'GET http://x:99999999/api/v1/customers?external_id=SECRET HTTP/1.1'],
    [400, 'GET http://[bad/?SECRET HTTP/1.1'],
    [400, 'GET http:///api/v1/customers?SECRET HTTP/1.1'],
    [400, 'GET ftp://x.test/api/v1/customers?SECRET HTTP/1.1'],
    [400, 'GET * HTTP/1.1'],
    [400, 'GET api/v1/customers?SECRET HTTP/1.1'],
    [400, 'GET /api/v1/customers/%zz?SECRET HTTP/1.1'],
    [400, 'GET /api/v1/customers/%FF?SECRET HTTP/1.1'],
    [400, 'GET /api/v1/customers?external_id=%FFSECRET HTTP/1.1'],
    [400, 'GET /api/v1/customers?external_id=\u00ffSECRET HTTP/1.1'],
    [400, 'GET /api/v1/customers/caf\u00c3\u00a9?SECRET HTTP/1.1'],
    [400, 'GET /api/v1/customers?external_id=SECRET HTTP/9.9'],
    [200, 'GET /api/v1/customers?external_id=SECRET'],
    [400, 'BREW /coffee?SECRET HTTP/1.1'],
    [400, 'PRI * HTTP/2.0'],
    [404, 'GET //api/v1/customers?SECRET HTTP/1.1'],
    [404, 'GET /api/v1/customers/?SECRET HTTP/1.1'],
    [404, 'GET /API/v1/customers?SECRET HTTP/1.1'],
    [404, 'GET /%61pi/v1/customers?SECRET HTTP/1.1'],
    [404, 'GET /api/v1/../v1/customers?SECRET HTTP/1.1'],
    [404, 'GET http://elsewhere.test/nowhere?SECRET HTTP/1.1'],
    [405, 'PATCH /api/v1/customers?SECRET HTTP/1.1'],
    [405, 'TRACE /api/v1/customers?SECRET HTTP/1.1'],
    [405, 'CONNECT elsewhere.test:443 HTTP/1.1'],
    [431, 'GET /api/v1/customers?SECRET HTTP/1.1', `X-Long: ${'x'.repeat(20_000)}`],
  ])('%d: %s', async (status, line, ...more) => {
    log.length = 0;
    const sent = lines(line.replace('SECRET', SECRET), ...more);
    const answer = await rawRequest(app.url, sent);
    expect({ sent, ...answer }).toMatchObject({
      sent,
      status,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'x-request-id': expect.stringMatching(/^[-0-9a-f]{36}$/),
      },
    });
    const json = JSON.parse(answer.text) as object;
    expect(Object.keys(json)).toEqual(expect.arrayContaining(status === 200 ? ['customers'] : ['status', 'error']));
    await until(() => Promise.resolve(log.length > 0), 'the request has a line');
    expect(log.join('\n')).toContain(answer.headers['x-request-id']);
    expect(log.join('\n')).not.toContain(SECRET);
  });

  test.each([
    ['HTTP/1.0', []],
    ['HTTP/1.1', []],
    ['HTTP/1.1', ['Host:']],
    ['HTTP/1.1', ['Host: a b']],
    ['HTTP/1.1', ['Host: [bad:99999999']],
    ['HTTP/1.1', ['Host: \u00ff']],
    ['HTTP/1.1', ['Host: one.test', 'Host: two.test']],
  ])('/health answers in %s with %j', async (version, hosts) => {
    const sent = [`GET /health ${version}`, ...hosts, 'Connection: close', '', ''].join('\r\n');
    expect(await rawRequest(app.url, sent)).toMatchObject({ status: 200, text: expect.stringContaining('Success') });
  });

  test('HTTP/1.1 needs a host everywhere else', async () => {
    const head = `Authorization: Bearer ${caller.key}\r\nConnection: close\r\n\r\n`;
    expect((await rawRequest(app.url, `GET /api/v1/customers HTTP/1.1\r\n${head}`)).status).toBe(400);
    expect((await rawRequest(app.url, `GET /api/v1/customers HTTP/1.0\r\n${head}`)).status).toBe(200);
  });

  test('a path has one spelling', async () => {
    for (const path of [
      '/HEALTH',
      '/health/',
      '/Ready',
      '/ready/',
      '/openapi.json/',
      '/OpenAPI.json',
      '/Docs',
      '/favicon.ico/',
    ]) {
      expect([path, (await app.send('', 'GET', path)).status]).toEqual([path, 404]);
    }
    for (const path of ['/ADMIN/organizations', '/admin/Organizations', '/admin/organizations/']) {
      expect([path, (await app.send(ADMIN_KEY, 'POST', path, { organization: { name: 'A' } })).status]).toEqual([
        path,
        404,
      ]);
    }
  });
});

describe('a method that nothing at the path has', () => {
  test.each([
    ['PATCH', '/api/v1/customers', 'GET, HEAD, OPTIONS, POST'],
    ['HEAD', '/api/v1/workflows/x/retry', 'OPTIONS, POST'],
    ['GET', '/api/v1/workflows/x/retry', 'OPTIONS, POST'],
    ['DELETE', '/api/v1/test_clock', 'GET, HEAD, OPTIONS, PUT'],
    ['PROPFIND', '/api/v1/customers/ann', 'DELETE, GET, HEAD, OPTIONS'],
    ['POST', '/health', 'GET, HEAD, OPTIONS'],
    ['PUT', '/openapi.json', 'GET, HEAD, OPTIONS'],
  ])('%s %s is 405', async (method, path, allow) => {
    const answer = await app.send(caller.key, method, path);
    expect([answer.status, answer.headers.get('Allow')]).toEqual([405, allow]);
    const body = { status: 405, error: 'Method Not Allowed', code: 'method_not_allowed' };
    expect(answer.body).toEqual(method === 'HEAD' ? '' : body);
    const options = await app.send('', 'OPTIONS', path);
    expect([options.status, options.headers.get('Allow')]).toEqual([204, allow]);
  });

  test('says nothing to strangers', async () => {
    expect((await app.send('', 'PATCH', '/api/v1/customers')).status).toBe(401);
    expect((await app.send('', 'PATCH', '/admin/organizations')).status).toBe(401);
    expect((await app.send(ADMIN_KEY, 'PATCH', '/admin/organizations')).headers.get('Allow')).toBe('OPTIONS, POST');
  });

  test('OPTIONS * is of the server', async () => {
    expect(await rawRequest(app.url, lines('OPTIONS * HTTP/1.1'))).toMatchObject({
      status: 204,
      headers: { allow: 'DELETE, GET, HEAD, OPTIONS, POST, PUT' },
    });
  });
});

describe('a body that is not UTF-8', () => {
  const send = (body: string, ...more: string[]) =>
    rawRequest(app.url, lines('POST /api/v1/events HTTP/1.1', `Content-Length: ${body.length}`, ...more) + body);
  const event = (id: string) => `{"event":{"transaction_id":"${id}","code":"calls","external_subscription_id":"sub"}}`;

  test.each([['\xff'], ['\xfe'], ['\xc3'], ['\xc0\x80'], ['\xed\xa0\x80'], ['\xf4\x90\x80\x80']])(
    'is refused: %j',
    async (bytes) => {
      const answer = await send(event(`id-${bytes}`));
      expect([answer.status, JSON.parse(answer.text)]).toEqual([
        400,
        { status: 400, error: 'BadRequest: the body is not UTF-8' },
      ]);
      expect(await app.rows("select id from events where transaction_id like 'id-%'")).toEqual([]);
    },
  );

  test('nor another charset', async () => {
    const text = Buffer.from(event('utf-16'), 'utf16le').toString('latin1');
    expect((await send(text, 'Content-Type: application/json; charset=utf-16le')).status).toBe(415);
    expect((await send(event('latin'), 'Content-Type: application/json; charset=latin1')).status).toBe(415);
    expect((await send(event('upper'), 'Content-Type: application/json; charset="UTF-8"')).status).toBe(200);
  });

  test('nor half a character that JSON escapes: no field can hold it', async () => {
    const answer = await send(event(String.raw`id-\ud800`));
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      422,
      { error_details: { transaction_id: ['value_is_invalid'] } },
    ]);
    expect((await send(event(String.raw`pair-\ud83d\ude00`))).status).toBe(200);
  });
});

interface Filter {
  readonly path: string;
  readonly name: string;
  readonly schema: Schema;
}

/** Of every list: what it can be filtered by. */
const filters = (): Filter[] =>
  operations
    .filter(({ method, path }) => method === 'get' && !path.includes('{'))
    .flatMap(({ path, parameters = [] }) =>
      parameters
        .filter((parameter) => parameter.in === 'query' && !/^(per_)?page$/.test(parameter.name))
        .map(({ name, schema }) => ({ path, name, schema: schema! })),
    );

/** The codes of a value that a filter of this sort cannot have; none: it takes any text. */
const codesOfUnknown = ({ type, format, enum: values, items }: Schema): readonly string[] => {
  if (format?.startsWith('date')) return ['invalid_date'];
  return values || items?.enum || format || type === 'boolean' || type === 'integer' ? ['value_is_invalid'] : [];
};

test('a filter of a list refuses a value that it does not know', async () => {
  const checked = filters().filter(({ schema }) => codesOfUnknown(schema).length > 0);
  expect(checked.length).toBeGreaterThan(25);
  for (const { path, name, schema } of checked) {
    const plain = name.replace('[]', '');
    const refused = { ...validationErrors({ [plain]: codesOfUnknown(schema) }), path };
    for (const query of [
      `${name}=neither`,
      ...(name === plain ? [] : [`${plain}=neither`, `${name}=&${name}=neither`]),
    ]) {
      expect({ ...asPlain(await caller.send('GET', `${path.slice('/api/v1'.length)}?${query}`)), path }).toEqual(
        refused,
      );
    }
  }
});

test('a filter of a list that can have one value only refuses two', async () => {
  const single = filters().filter(({ schema }) => schema.type !== 'array' && schema.type !== 'object');
  expect(single.length).toBeGreaterThan(25);
  for (const { path, name } of single) {
    const answer = await caller.send('GET', `${path.slice('/api/v1'.length)}?${name}=true&${name}=true`);
    expect({ ...asPlain(answer), path }).toEqual({ ...validationErrors({ [name]: ['value_is_invalid'] }), path });
  }
});

test('odd requests are answered, and change nothing when they are refused', async () => {
  const ids = await idsOf();
  // Without what locks the caller out, and what waits for nobody here.
  const asked = operations.filter(({ path, method }) => method === 'get' || !/api_keys\/|test_clock/.test(path));
  expect(asked.length).toBeGreaterThan(50);
  const statuses = new Set<number>();
  const request = fc.constantFrom(...asked).chain((operation) => requestTo(operation, ids));
  await fc.assert(
    fc.asyncProperty(request, async ({ operation, path, body, key }) => {
      const before = await versionOfRows();
      const answer = await app.send(
        path.startsWith('/admin') ? ADMIN_KEY : caller.key,
        operation.method.toUpperCase(),
        path,
        body,
        key === null ? {} : { 'Idempotency-Key': key },
      );
      statuses.add(answer.status);
      expect(answer.status).toBeLessThan(500);
      const isRefused = answer.status >= 400;
      expect(isRefused ? await versionOfRows() : before).toBe(before);
      if (!isRefused && operation.method !== 'get') await something();
    }),
    { seed: SEED, numRuns: REQUESTS, endOnFailure: true },
  );
  // It has come through the checks of the body, and through refusals of every sort.
  expect([...statuses].toSorted((one, other) => one - other)).toEqual(
    expect.arrayContaining([200, 400, 403, 404, 422]),
  );
}, 120_000);
