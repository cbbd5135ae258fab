// Metrics that compute their field from events (spec, usage 1.6; behaviours S076 to S080, S103).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { asPlain, at, listeningApp, validationErrors, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization();
  const metric = {
    name: 'Hours',
    code: 'hours',
    aggregation_type: 'sum_agg',
    field_name: 'value',
    expression: 'event.properties.a + event.properties.b',
  };
  await caller.ok('POST', '/billable_metrics', { billable_metric: metric });
});
afterAll(() => app.close());

const event = (id: string, properties: Readonly<Record<string, unknown>>) => ({
  transaction_id: id,
  code: 'hours',
  external_subscription_id: 'sub_1',
  properties,
});
const send = (id: string, properties: Readonly<Record<string, unknown>>) =>
  caller.send('POST', '/events', { event: event(id, properties) });
const sendBatch = async (events: readonly unknown[]) => asPlain(await caller.send('POST', '/events/batch', { events }));
const storedIds = async () => {
  const { events } = (await caller.ok('GET', '/events')) as { events: readonly { transaction_id: string }[] };
  return events.map(({ transaction_id: id }) => id).toSorted();
};

const B_MISSING = 'expression_evaluation_failed: Variable: b not found';

describe('an event of a metric with an expression', () => {
  test('is answered, stored and counted as it is computed; what was sent stays', async () => {
    const answer = await send('one', { a: '1', b: 2, value: 'sent', c: true });
    expect(at(answer.body, 'event.properties')).toEqual({ a: '1', b: 2, c: true, value: '3.0' });
    expect(at(await caller.ok('GET', '/events/one'), 'event.properties.value')).toBe('3.0');
    const rollups = await app.rows<{ sum: string }>('select sum::text from usage_rollups where organization_id = $1', [
      caller.organizationId,
    ]);
    expect(rollups.map(({ sum }) => Number(sum))).toEqual([3]);
  });

  test('that cannot be computed is refused with the reason, and nothing is stored', async () => {
    expect(asPlain(await send('one', { a: '1' }))).toEqual(validationErrors(B_MISSING));
    expect(await storedIds()).toEqual([]);
  });

  test('refuses its whole batch, by its index; errors of fields are told with it', async () => {
    const good = event('good', { a: 1, b: 2 });
    const bad = event('bad', { a: 1 });
    expect(await sendBatch([bad, good])).toEqual(validationErrors({ 0: B_MISSING }));
    const late = { ...good, timestamp: 'never' };
    const both = validationErrors({ 1: B_MISSING, 2: { timestamp: ['invalid_format'] } });
    expect(await sendBatch([good, bad, late])).toEqual(both);
    expect(await sendBatch([{ ...bad, timestamp: 'never' }])).toEqual(
      validationErrors({ 0: { timestamp: ['invalid_format'] } }),
    );
    expect(await storedIds()).toEqual([]);
  });

  test('keeps no other request out that arrives together with it', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `tx ${String(index).padStart(2, '0')}`);
    const answers = await Promise.all(ids.map((id, index) => send(id, index % 4 === 0 ? { a: 1 } : { a: 1, b: 1 })));
    expect(answers.map(({ status }) => status)).toEqual(ids.map((_, index) => (index % 4 === 0 ? 422 : 200)));
    expect(await storedIds()).toEqual(ids.filter((_, index) => index % 4 !== 0));
  });

  test('is computed by what the metric says when it arrives', async () => {
    await send('one', { a: 1, b: 2 });
    const change = { expression: "concat(event.properties.a, '-', event.code)" };
    await caller.ok('PUT', '/billable_metrics/hours', { billable_metric: change });
    expect(at((await send('two', { a: 1 })).body, 'event.properties.value')).toBe('1-hours');
    await caller.ok('PUT', '/billable_metrics/hours', { billable_metric: { expression: '' } });
    expect(at((await send('three', { a: 1 })).body, 'event.properties')).toEqual({ a: 1 });
    await caller.ok('DELETE', '/billable_metrics/hours');
    expect(at((await send('four', {})).body, 'event.properties')).toEqual({});
  });
});

describe('an expression that is tried', () => {
  const evaluate = async (body: Readonly<Record<string, unknown>>) =>
    asPlain(await caller.send('POST', '/billable_metrics/evaluate_expression', body));
  const properties = { value: 10.4, units: '2' };

  test.each([
    [{ expression: 'round(event.properties.value * event.properties.units)', event: { properties } }, '21.0'],
    [{ expression: 'event.timestamp', event: { code: 'm', timestamp: '1709251200.5' } }, '1709251200.0'],
    [{ expression: '1 + 1' }, '2.0'],
    [{ expression: "concat('of ', event.code)", event: { code: 'm' } }, 'of m'],
  ])('%j answers %j', async (body, value) => {
    expect(await evaluate(body)).toEqual({ status: 200, body: { expression_result: { value } } });
  });

  test('is tried now, unless the event says when', async () => {
    await app.rows(`update organizations set clock_now = '2026-03-15T12:00:00.250Z' where id = $1`, [
      caller.organizationId,
    ]);
    const { body } = await evaluate({ expression: 'event.timestamp', event: {} });
    expect(at(body, 'expression_result.value')).toBe(`${Date.parse('2026-03-15T12:00:00Z') / 1000}.0`);
  });

  test.each([
    [{ event: { properties } }, { expression: ['value_is_mandatory'] }],
    [{ expression: ' ' }, { expression: ['value_is_mandatory'] }],
    [{ expression: '1+' }, { expression: ['invalid_expression'] }],
    [{ expression: 'event.properties.value' }, { event: ['invalid_event'] }],
    [{ expression: 'event.properties.a * 2', event: { properties: { a: 'x' } } }, { event: ['invalid_event'] }],
    [{ expression: '1', event: 'text' }, { event: ['invalid_event'] }],
    [{ expression: '1', event: { timestamp: 'never' } }, { event: ['invalid_event'] }],
  ])('%j is refused', async (body, details) => {
    expect(await evaluate(body)).toEqual(validationErrors(details));
  });
});
