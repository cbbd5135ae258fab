import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  asPlain,
  at,
  listeningApp,
  notFound,
  validationErrors,
  type Caller,
  type ListeningApp,
} from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;

const NOW = '2026-03-15T12:00:00.250Z';
const SECONDS = Date.parse('2026-03-15T12:00:00Z') / 1000;

beforeAll(async () => {
  app = await listeningApp();
});

beforeEach(async () => {
  caller = await app.organization();
  await app.rows('update organizations set clock_now = $2 where id = $1', [caller.organizationId, NOW]);
});

afterAll(() => app.close());

let made = 0;
const event = (attributes: Readonly<Record<string, unknown>> = {}) => ({
  transaction_id: `tx ${made++}`,
  code: 'storage',
  external_subscription_id: 'sub_1',
  ...attributes,
});

const post = async (attributes: Readonly<Record<string, unknown>>) =>
  asPlain(await caller.send('POST', '/events', { event: event(attributes) }));

const postBatch = async (events: unknown) => asPlain(await caller.send('POST', '/events/batch', { events }));

const storedEvents = async (): Promise<number> => {
  const [row] = await app.rows<{ count: number }>('select count(*)::int from events where organization_id = $1', [
    caller.organizationId,
  ]);
  return row?.count ?? 0;
};

const refused = (field: string, code: string) => validationErrors({ [field]: [code] });

describe('sending an event', () => {
  test("answers it as it is stored, through Lago's own client", async () => {
    const { data } = await caller.lago.events.createEvent({
      event: {
        transaction_id: 'tx/1',
        code: 'unknown code',
        external_subscription_id: 'unknown subscription',
        timestamp: '1780586634.1',
        precise_total_amount_cents: '123.45',
        properties: { gb: 10, region: 'eu', nested: { a: [1] } },
      },
    });
    const shown = {
      lago_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      transaction_id: 'tx/1',
      lago_customer_id: null,
      code: 'unknown code',
      timestamp: '2026-06-04T15:23:54.100Z',
      precise_total_amount_cents: '123.45',
      properties: { gb: 10, region: 'eu', nested: { a: [1] } },
      lago_subscription_id: null,
      external_subscription_id: 'unknown subscription',
      created_at: '2026-03-15T12:00:00Z',
    };
    expect(data.event).toEqual(shown);
    const found = await caller.lago.events.findEvent(encodeURIComponent('tx/1'));
    expect(found.data).toEqual({ event: shown });
  });

  test('needs no more than a transaction id and a code: the time is now', async () => {
    const { status, body } = await caller.send('POST', '/events', {
      event: { transaction_id: 't', code: 'c', more: 1 },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      event: {
        timestamp: '2026-03-15T12:00:00.250Z',
        precise_total_amount_cents: null,
        properties: {},
        external_subscription_id: null,
      },
    });
  });

  test.each([
    [{ transaction_id: undefined }, 'transaction_id', 'value_is_mandatory'],
    [{ transaction_id: ' ' }, 'transaction_id', 'value_is_mandatory'],
    [{ transaction_id: null }, 'transaction_id', 'value_is_mandatory'],
    [{ transaction_id: {} }, 'transaction_id', 'value_is_invalid'],
    [{ transaction_id: 'x'.repeat(256) }, 'transaction_id', 'value_is_too_long'],
    [{ code: undefined }, 'code', 'value_is_mandatory'],
    [{ code: '' }, 'code', 'value_is_mandatory'],
    [{ external_subscription_id: 5 }, 'external_subscription_id', 'value_is_invalid'],
    [{ external_subscription_id: 'x'.repeat(256) }, 'external_subscription_id', 'value_is_too_long'],
    [{ timestamp: 'yesterday' }, 'timestamp', 'invalid_format'],
    [{ timestamp: '2022-08-08T00:00:00Z' }, 'timestamp', 'invalid_format'],
    [{ timestamp: '' }, 'timestamp', 'invalid_format'],
    [{ timestamp: true }, 'timestamp', 'invalid_format'],
    [{ timestamp: 1e300 }, 'timestamp', 'value_is_out_of_range'],
    [{ timestamp: 1651240791123 }, 'timestamp', 'value_is_out_of_range'],
    [{ timestamp: '253402300800' }, 'timestamp', 'value_is_out_of_range'],
    [{ timestamp: -1e15 }, 'timestamp', 'value_is_out_of_range'],
    [{ precise_total_amount_cents: true }, 'precise_total_amount_cents', 'value_is_invalid'],
    [{ precise_total_amount_cents: '1e25' }, 'precise_total_amount_cents', 'value_is_out_of_range'],
    [{ properties: [] }, 'properties', 'value_is_invalid'],
    [{ properties: 'a' }, 'properties', 'value_is_invalid'],
    [{ properties: { a: 'x'.repeat(10_001) } }, 'properties', 'value_is_too_long'],
    [{ properties: { a: ['x'.repeat(10_000)] } }, 'properties', 'value_is_too_long'],
    [{ properties: { ['k'.repeat(256)]: 1 } }, 'properties', 'value_is_too_long'],
    [
      { properties: Object.fromEntries(Array.from({ length: 201 }, (_, key) => [key, 1])) },
      'properties',
      'value_is_out_of_range',
    ],
    [{ code: 'a\0b' }, 'code', 'value_is_invalid'],
    [{ properties: { a: '\ud800' } }, 'properties.a', 'value_is_invalid'],
  ])('%j is refused on %s', async (attributes, field, code) => {
    expect(await post(attributes)).toEqual(refused(field, code));
    expect(await storedEvents()).toBe(0);
  });

  test('names every field that is wrong', async () => {
    const { status, body } = await caller.send('POST', '/events', { event: { timestamp: 'x' } });
    expect({ status, body }).toEqual(
      validationErrors({
        transaction_id: ['value_is_mandatory'],
        code: ['value_is_mandatory'],
        timestamp: ['invalid_format'],
      }),
    );
  });

  test('may have names of 255 characters, however many bytes they take', async () => {
    const name = '😀'.repeat(255);
    await caller.ok('POST', '/billable_metrics', {
      billable_metric: { name: 'n', code: name, aggregation_type: 'count_agg' },
    });
    const { status } = await post({ transaction_id: name, code: name, external_subscription_id: name });
    expect(status).toBe(200);
    expect(at(await caller.ok('GET', `/events/${encodeURIComponent(name)}`), 'event.code')).toBe(name);
  });

  test.each([[{}], [{ event: {} }], [{ event: null }], [[]], [{ events: [] }]])(
    '%j has no event: 400',
    async (body) => {
      expect((await caller.send('POST', '/events', body)).status).toBe(400);
    },
  );

  test.each([
    [1740823200.012, '2025-03-01T10:00:00.012Z'],
    ['1740823200.4569', '2025-03-01T10:00:00.456Z'],
    [-1, '1969-12-31T23:59:59.000Z'],
    [-62135596800, '0001-01-01T00:00:00.000Z'],
    [253402300799.999, '9999-12-31T23:59:59.999Z'],
  ])('at %p is at %s, there and in lists', async (timestamp, shown) => {
    expect(await post({ timestamp })).toMatchObject({ status: 200, body: { event: { timestamp: shown } } });
    expect(at(await caller.ok('GET', '/events'), 'events.0.timestamp')).toBe(shown);
  });

  test('keeps numbers that JavaScript would round', async () => {
    const raw = `{"event":{"transaction_id":"exact","code":"c","properties":{"v":12345678901234567.123},
      "timestamp":1740823200.123456,"precise_total_amount_cents":0.123456789012345}}`;
    expect((await caller.send('POST', '/events', raw)).status).toBe(200);
    const [row] = await app.rows(
      `select properties ->> 'v' as v, precise_total_amount_cents::text as amount, extract(microsecond from "timestamp")::int as m
       from events where transaction_id = 'exact'`,
    );
    expect(row).toEqual({ v: '12345678901234567.123', amount: '0.123456789012345', m: 123456 });
  });

  const postRaw = async (attributes: string) =>
    asPlain(await caller.send('POST', '/events', `{"event":{"transaction_id":"raw","code":"c",${attributes}}}`));

  test.each([
    ['"abc"', '0.0'],
    ['"1.0000000000000005"', '1.000000000000001'],
    ['5', '5.0'],
    ['""', null],
    ['null', null],
    ['1E3', '1000.0'],
    ['"1E3"', '1000.0'],
    ['1.23456789012345678901E+10', '12345678901.2345678901'],
    ['-9999999999999999999999999.999999999999999', '-9999999999999999999999999.999999999999999'],
    ['1e-400', '0.0'],
    ['"1e-99999999999999999999"', '0.0'],
    [`1.${'0'.repeat(20_000)}5`, '1.0'],
  ])('worth %.60s cents is worth %p', async (sent, shown) => {
    expect(await postRaw(`"precise_total_amount_cents":${sent}`)).toMatchObject({
      status: 200,
      body: { event: { precise_total_amount_cents: shown } },
    });
  });

  test.each(['1e25', '"1e1000"', '1e1000', '9999999999999999999999999.9999999999999999', '-1e99999999999999999999'])(
    'worth %s cents is refused',
    async (sent) => {
      expect(await postRaw(`"precise_total_amount_cents":${sent}`)).toEqual(
        refused('precise_total_amount_cents', 'value_is_out_of_range'),
      );
      expect(await storedEvents()).toBe(0);
    },
  );

  test('at 1.780586634123456789E+9 is at its microseconds', async () => {
    expect(await postRaw('"timestamp":1.780586634123456789E+9')).toMatchObject({ status: 200 });
    const rows = await app.rows(
      `select extract(microseconds from "timestamp")::int % 1000000 as m from events where organization_id = $1`,
      [caller.organizationId],
    );
    expect(rows).toEqual([{ m: 123456 }]);
  });

  test('with a taken transaction id is refused; for another subscription it is another event', async () => {
    expect(await post({ transaction_id: 'one' })).toMatchObject({ status: 200 });
    expect(await post({ transaction_id: 'one', code: 'other' })).toEqual(
      refused('transaction_id', 'value_already_exist'),
    );
    expect(await post({ transaction_id: 'one', external_subscription_id: 'sub_2' })).toMatchObject({ status: 200 });
    expect(await storedEvents()).toBe(2);
  });

  test('two hundred times at once is stored once', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => post({ transaction_id: 'same' })));
    const statuses = answers.map(({ status }) => status).toSorted((one, other) => one - other);
    expect(statuses).toEqual([200, ...Array.from({ length: 199 }, () => 422)]);
    expect(await storedEvents()).toBe(1);
  });
});

describe('a batch', () => {
  test('stores all its events', async () => {
    const { data } = await caller.lago.events.createBatchEvents({ events: [event(), event({ timestamp: SECONDS })] });
    expect(data.events.map(({ timestamp }) => timestamp)).toEqual([NOW, '2026-03-15T12:00:00.000Z']);
    expect(await storedEvents()).toBe(2);
  });

  test('takes 1 to 100 events', async () => {
    expect(await postBatch([])).toEqual(refused('events', 'no_events'));
    expect(await postBatch(Array.from({ length: 101 }, () => event()))).toEqual(refused('events', 'too_many_events'));
    expect(asPlain(await caller.send('POST', '/events/batch', {}))).toEqual(refused('events', 'no_events'));
    expect(asPlain(await caller.send('POST', '/events/batch', { events: 'x' }))).toEqual(
      refused('events', 'no_events'),
    );
    expect(asPlain(await caller.send('POST', '/events/batch', 'null'))).toEqual(refused('events', 'no_events'));
    expect(await postBatch(Array.from({ length: 100 }, () => event()))).toMatchObject({ status: 200 });
    expect(await storedEvents()).toBe(100);
  });

  test('with wrong events is refused by index, and nothing is stored', async () => {
    const answer = await postBatch([event(), event({ timestamp: 'x', code: '' }), null, event({ properties: 5 })]);
    expect(answer).toMatchObject({
      status: 422,
      body: {
        code: 'validation_errors',
        error_details: {
          1: { code: ['value_is_mandatory'], timestamp: ['invalid_format'] },
          2: { transaction_id: ['value_is_mandatory'], code: ['value_is_mandatory'] },
          3: { properties: ['value_is_invalid'] },
        },
      },
    });
    expect(await storedEvents()).toBe(0);
  });

  test('with taken transaction ids is refused by index, and nothing is stored', async () => {
    await post({ transaction_id: 'taken' });
    const answer = await postBatch([
      event({ transaction_id: 'a' }),
      event({ transaction_id: 'taken' }),
      event({ transaction_id: 'a', external_subscription_id: 'sub_2' }),
    ]);
    expect(answer).toMatchObject({
      status: 422,
      body: {
        error_details: {
          1: { transaction_id: ['value_already_exist'] },
          2: { transaction_id: ['value_already_exist'] },
        },
      },
    });
    expect(at(answer.body, 'error_details.0')).toBeUndefined();
    expect(await storedEvents()).toBe(1);
  });

  test('may have 5 MB, and no more', async () => {
    const large = (bytes: number) => [event({ properties: { a: 'x'.repeat(9_000) } }), { pad: 'x'.repeat(bytes) }];
    expect((await postBatch(large(4_000_000))).status).toBe(422);
    expect((await postBatch(large(5_300_000))).status).toBe(413);
  });
});

describe('reading events', () => {
  test('enriched by an analytics store is refused: there is none', async () => {
    expect(asPlain(await caller.send('GET', '/events_enriched'))).toEqual({
      status: 403,
      body: { status: 403, error: 'Forbidden', code: 'endpoint_not_available' },
    });
  });

  test('one that is not there, or of somebody else, is a 404', async () => {
    await post({ transaction_id: 'mine' });
    const stranger = await app.organization();
    expect(asPlain(await stranger.send('GET', '/events/mine'))).toEqual(notFound('event'));
    expect(asPlain(await caller.send('GET', '/events/nothing'))).toEqual(notFound('event'));
    expect(await stranger.ok('GET', '/events')).toMatchObject({
      events: [],
      meta: { current_page: 0, total_count: 0 },
    });
  });

  const shownIds = async (query: string) =>
    (at(await caller.ok('GET', `/events${query}`), 'events') as { transaction_id: string }[]).map(
      ({ transaction_id }) => transaction_id,
    );

  test('lists them the latest first, then by transaction id, in pages', async () => {
    await postBatch([
      event({ transaction_id: 'b', timestamp: SECONDS }),
      event({ transaction_id: 'late', timestamp: SECONDS + 1 }),
      event({ transaction_id: 'a', timestamp: SECONDS }),
      event({ transaction_id: 'old', timestamp: SECONDS - 1 }),
    ]);
    expect(await shownIds('')).toEqual(['late', 'a', 'b', 'old']);
    expect(await shownIds('?per_page=2&page=2')).toEqual(['b', 'old']);
    expect(at(await caller.ok('GET', '/events?per_page=3'), 'meta')).toEqual({
      current_page: 1,
      next_page: 2,
      prev_page: null,
      total_pages: 2,
      total_count: 4,
    });
  });

  test('lists those that a filter asks for; a shown time is a bound that includes it', async () => {
    await postBatch([
      event({ transaction_id: 'a', timestamp: `${SECONDS}.1004`, code: 'other' }),
      event({ transaction_id: 'b', timestamp: `${SECONDS}.2009`, external_subscription_id: 'sub_2' }),
      event({ transaction_id: 'c', timestamp: `${SECONDS}.3` }),
    ]);
    expect(await shownIds('?code=other')).toEqual(['a']);
    expect(await shownIds('?external_subscription_id=sub_2')).toEqual(['b']);
    expect(await shownIds('?external_subscription_id=sub_2&code=other')).toEqual([]);
    expect(await shownIds('?timestamp_from=2026-03-15T12:00:00.200Z')).toEqual(['c', 'b']);
    expect(await shownIds('?timestamp_to=2026-03-15T12:00:00.200Z')).toEqual(['b', 'a']);
    expect(await shownIds('?timestamp_from=2026-03-15T13:00:00.101%2B01:00&timestamp_to=2026-03-16')).toEqual([
      'c',
      'b',
    ]);
    expect(await shownIds('?timestamp_from=&timestamp_to=2026-03-15')).toEqual([]);
  });

  test('can begin at the start of a subscription, the active one first', async () => {
    await caller.ok('POST', '/plans', {
      plan: {
        name: 'p',
        code: 'p',
        interval: 'monthly',
        amount_cents: 0,
        amount_currency: 'EUR',
        pay_in_advance: false,
      },
    });
    await caller.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: 'c', external_id: 'sub_1', plan_code: 'p' },
    });
    await postBatch([
      event({ transaction_id: 'before', timestamp: `${SECONDS}.2499` }),
      event({ transaction_id: 'at', timestamp: `${SECONDS}.25` }),
    ]);
    expect(await shownIds('?timestamp_from_started_at=true&external_subscription_id=sub_1')).toEqual(['at']);
    expect(await shownIds('?timestamp_from_started_at=false&external_subscription_id=sub_1')).toEqual(['at', 'before']);
    expect(await shownIds('?timestamp_from_started_at=true&external_subscription_id=nobody')).toEqual([]);
  });

  test.each([
    ['timestamp_from=yesterday', { timestamp_from: ['invalid_date'] }],
    ['timestamp_to=2026-02-30', { timestamp_to: ['invalid_date'] }],
    [
      'timestamp_from_started_at=true&external_subscription_id=s&timestamp_from=2026-01-01',
      { timestamp_from: ['cannot be used with timestamp_from_started_at'] },
    ],
    ['timestamp_from_started_at=true', { external_subscription_id: ['required with timestamp_from_started_at'] }],
    ['code[]=a', { code: ['value_is_invalid'] }],
  ])('refuses %s', async (query, details) => {
    expect(asPlain(await caller.send('GET', `/events?${query}`))).toEqual(validationErrors(details));
  });
});
