import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  asPlain,
  at,
  featureUnavailable,
  listeningApp,
  notFound,
  textAt,
  validationErrors,
  type Caller,
  type ListeningApp,
} from '../api/listening-app.ts';
import { actsByHand } from '../../support/acts-by-hand.ts';

let app: ListeningApp;
let caller: Caller;

beforeAll(async () => {
  app = await listeningApp();
});

beforeEach(async () => {
  caller = await app.organization();
});

afterAll(() => app.close());

const sum = { name: 'Storage', code: 'storage', aggregation_type: 'sum_agg', field_name: 'gb' };

const post = (metric: unknown) => caller.send('POST', '/billable_metrics', { billable_metric: metric });
const put = (code: string, metric: unknown) =>
  caller.send('PUT', `/billable_metrics/${encodeURIComponent(code)}`, { billable_metric: metric });
const get = (code: string) => caller.send('GET', `/billable_metrics/${encodeURIComponent(code)}`);

const planFor = (metricId: string, code = 'p') =>
  caller.ok('POST', '/plans', {
    plan: {
      name: code,
      code,
      interval: 'monthly',
      amount_cents: 0,
      amount_currency: 'EUR',
      pay_in_advance: false,
      charges: [{ billable_metric_id: metricId, charge_model: 'standard', properties: { amount: '1' } }],
    },
  });

describe('a billable metric', () => {
  test('lives its whole life through the official client', async () => {
    const { lago } = caller;
    const created = await lago.billableMetrics.createBillableMetric({
      billable_metric: { ...sum, aggregation_type: 'sum_agg', description: 'GB stored', recurring: true },
    });
    expect(created.data.billable_metric).toMatchObject({
      ...sum,
      description: 'GB stored',
      recurring: true,
      filters: [],
    });
    await lago.billableMetrics.updateBillableMetric('storage', {
      billable_metric: { name: 'Storage space', rounding_function: 'ceil', rounding_precision: -1 },
    });
    const found = await lago.billableMetrics.findBillableMetric('storage');
    expect(found.data.billable_metric).toMatchObject({
      name: 'Storage space',
      code: 'storage',
      field_name: 'gb',
      rounding_function: 'ceil',
      rounding_precision: -1,
    });
    const listed = await lago.billableMetrics.findAllBillableMetrics();
    expect(listed.data.billable_metrics.map(({ code }) => code)).toEqual(['storage']);
    await lago.billableMetrics.destroyBillableMetric('storage');
    expect(asPlain(await get('storage'))).toEqual(notFound('billable_metric'));
  });

  test('shows the old counts as 0 everywhere but on its own page', async () => {
    const counts = { active_subscriptions_count: 0, draft_invoices_count: 0, plans_count: 0 };
    expect(at((await post(sum)).body, 'billable_metric')).toMatchObject(counts);
    expect(at((await put('storage', { name: 'S' })).body, 'billable_metric')).toMatchObject(counts);
    expect(at(await caller.ok('GET', '/billable_metrics'), 'billable_metrics.0')).toMatchObject(counts);
    expect(at((await get('storage')).body, 'billable_metric')).not.toHaveProperty('plans_count');
  });

  test('has any code, URL-encoded', async () => {
    const code = 'api/v1.calls per %hour?';
    await post({ ...sum, code });
    expect(at((await get(code)).body, 'billable_metric.code')).toBe(code);
    expect(at((await put(code, { name: 'Y' })).body, 'billable_metric.name')).toBe('Y');
  });

  test('that counts has no field, whatever was sent', async () => {
    const { body } = await post({ ...sum, aggregation_type: 'count_agg' });
    expect(at(body, 'billable_metric.field_name')).toBeNull();
  });

  test('shows its filters by key, values sorted and each once', async () => {
    const filters = [
      { key: 'region', values: ['us', 'eu', 'us'] },
      { key: 'cloud', values: ['gcp', 'aws'] },
    ];
    const { body } = await post({ ...sum, filters });
    expect(at(body, 'billable_metric.filters')).toEqual([
      { key: 'cloud', values: ['aws', 'gcp'] },
      { key: 'region', values: ['eu', 'us'] },
    ]);
    const without = await put('storage', { name: 'X' });
    expect(at(without.body, 'billable_metric.filters')).toEqual(at(body, 'billable_metric.filters'));
    const fewer = await put('storage', { filters: [{ key: 'cloud', values: ['aws'] }] });
    expect(at(fewer.body, 'billable_metric.filters')).toEqual([{ key: 'cloud', values: ['aws'] }]);
    expect(at((await put('storage', { filters: [] })).body, 'billable_metric.filters')).toEqual([]);
  });

  test.each([
    [{ name: null }, { name: ['value_is_mandatory'] }],
    [{ name: '' }, { name: ['value_is_mandatory'] }],
    [{ code: '  ' }, { code: ['value_is_mandatory'] }],
    [{ aggregation_type: null }, { aggregation_type: ['value_is_invalid'] }],
    [{ aggregation_type: 'median_agg' }, { aggregation_type: ['value_is_invalid'] }],
    [{ field_name: null }, { field_name: ['value_is_mandatory'] }],
    [{ field_name: ' ' }, { field_name: ['value_is_mandatory'] }],
    [{ aggregation_type: 'count_agg', recurring: true }, { recurring: ['not_compatible_with_aggregation_type'] }],
    [{ aggregation_type: 'max_agg', recurring: true }, { recurring: ['not_compatible_with_aggregation_type'] }],
    [{ aggregation_type: 'latest_agg', recurring: true }, { recurring: ['not_compatible_with_aggregation_type'] }],
    [{ aggregation_type: 'weighted_sum_agg' }, { weighted_interval: ['value_is_invalid'] }],
    [{ expression: '1+' }, { expression: ['invalid_expression'] }],
    [{ weighted_interval: 'minutes' }, { weighted_interval: ['value_is_invalid'] }],
    [{ rounding_function: 'trunc' }, { rounding_function: ['value_is_invalid'] }],
    [{ rounding_precision: 1.5 }, { rounding_precision: ['value_is_invalid'] }],
    [{ rounding_precision: 1_000_000 }, { rounding_precision: ['value_is_out_of_range'] }],
    [{ filters: [{ key: 'region' }] }, { values: ['value_is_mandatory'] }],
    [{ filters: [{ key: 'region', values: [] }] }, { values: ['value_is_mandatory'] }],
    [{ filters: [{ key: '', values: ['eu'] }] }, { key: ['value_is_mandatory'] }],
    [{ name: 'a\u0000b' }, { name: ['value_is_invalid'] }],
  ])('with %j is refused', async (change, details) => {
    expect(asPlain(await post({ ...sum, ...change }))).toEqual(validationErrors(details));
    expect(at(await caller.ok('GET', '/billable_metrics'), 'meta.total_count')).toBe(0);
  });

  test.each([
    { aggregation_type: 'max_agg' },
    { aggregation_type: 'latest_agg' },
    { aggregation_type: 'unique_count_agg', recurring: true },
    { aggregation_type: 'weighted_sum_agg', recurring: true, weighted_interval: 'seconds' },
    { aggregation_type: 'sum_agg', weighted_interval: null },
    { expression: '1 + event.timestamp' },
    { expression: null },
  ])('with %j shows it', async (change) => {
    expect((await post({ ...sum, ...change })).body).toMatchObject({ billable_metric: change });
    expect(await caller.ok('GET', '/billable_metrics/storage')).toMatchObject({ billable_metric: change });
  });

  test.each([['aggregation_type', { aggregation_type: 'custom_agg', field_name: null }]])(
    'with the %s %j is a 403 that names it: this version cannot meter it',
    async (field, change) => {
      expect(asPlain(await post({ ...sum, ...change }))).toEqual(featureUnavailable(field));
      expect((await post({ ...sum, expression: ' ' })).status).toBe(200);
      expect(asPlain(await put('storage', change))).toEqual(featureUnavailable(field));
    },
  );

  test('without anything is told what is missing', async () => {
    expect(asPlain(await post({ description: 'Nothing else' }))).toEqual(
      validationErrors({
        name: ['value_is_mandatory'],
        code: ['value_is_mandatory'],
        aggregation_type: ['value_is_invalid'],
      }),
    );
  });

  test('has a code of 255 characters at most', async () => {
    expect((await post({ ...sum, code: 'x'.repeat(255) })).status).toBe(200);
    expect(asPlain(await post({ ...sum, code: 'x'.repeat(256) }))).toEqual(
      validationErrors({ code: ['value_is_too_long'] }),
    );
  });

  test('needs a root', async () => {
    expect((await caller.send('POST', '/billable_metrics', {})).status).toBe(400);
    expect((await caller.send('POST', '/billable_metrics', { billable_metric: {} })).status).toBe(400);
  });
});

describe('the code of a metric', () => {
  test('is unique, and free again after a deletion', async () => {
    await post(sum);
    const taken = validationErrors({ code: ['value_already_exist'] });
    expect(asPlain(await post(sum))).toEqual(taken);
    await post({ ...sum, code: 'other' });
    expect(asPlain(await put('other', { code: 'storage' }))).toEqual(taken);
    expect((await put('other', { code: 'other' })).status).toBe(200);
    await caller.ok('DELETE', '/billable_metrics/storage');
    expect((await post(sum)).status).toBe(200);
  });

  test('goes to one of many who ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(sum)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status !== 200).map(asPlain);
    expect(refused).toEqual(Array.from({ length: 5 }, () => validationErrors({ code: ['value_already_exist'] })));
  });

  test('may be the same in another organization', async () => {
    await post(sum);
    const other = await app.organization();
    expect((await other.send('POST', '/billable_metrics', { billable_metric: sum })).status).toBe(200);
  });
});

describe('a metric in use', () => {
  test('changes only name, description and filters', async () => {
    const metricId = textAt((await post(sum)).body, 'billable_metric.lago_id');
    await planFor(metricId);
    const { status, body } = await put('storage', {
      name: 'New name',
      description: 'New text',
      filters: [{ key: 'region', values: ['eu'] }],
      code: 'new-code',
      aggregation_type: 'max_agg',
      field_name: 'mb',
      recurring: true,
      rounding_function: 'ceil',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      billable_metric: {
        ...sum,
        name: 'New name',
        description: 'New text',
        filters: [{ key: 'region', values: ['eu'] }],
        recurring: false,
        rounding_function: null,
      },
    });
  });

  test('changes in everything once its plan is gone', async () => {
    const metricId = textAt((await post(sum)).body, 'billable_metric.lago_id');
    await planFor(metricId);
    await caller.ok('DELETE', '/plans/p');
    await actsByHand(app.orm, caller.organizationId).run('2024-01-01T00:00:00Z');
    const { body } = await put('storage', { code: 'new-code', field_name: 'mb', recurring: true });
    expect(body).toMatchObject({ billable_metric: { code: 'new-code', field_name: 'mb', recurring: true } });
  });

  test('takes its charges with it when it is deleted', async () => {
    const metricId = textAt((await post(sum)).body, 'billable_metric.lago_id');
    await planFor(metricId);
    await post({ ...sum, code: 'other' });
    const { body } = await caller.send('DELETE', '/billable_metrics/storage');
    expect(at(body, 'billable_metric.lago_id')).toBe(metricId);
    expect(at(await caller.ok('GET', '/plans/p'), 'plan.charges')).toEqual([]);
    expect(
      await app.rows('select deleted_at is not null as deleted from charges where organization_id = $1', [
        caller.organizationId,
      ]),
    ).toEqual([{ deleted: true }]);
  });
});

describe('a metric whose events came first', () => {
  const event = (code: string, id: string) =>
    caller.ok('POST', '/events', {
      event: { transaction_id: id, external_subscription_id: 's', code, properties: { gb: 2, mb: 2000 } },
    });
  const rolledUp = async () =>
    (
      await app.rows<{ rolled_up: boolean }>(
        'select rolled_up from billable_metrics where organization_id = $1 and deleted_at is null',
        [caller.organizationId],
      )
    )[0]?.rolled_up;
  const rebuilds = () =>
    app.rows<{ id: string }>(`select id from acts where organization_id = $1 and kind = 'rollups' order by id`, [
      caller.organizationId,
    ]);

  test('wants their rollup in the background, and the answer names it', async () => {
    await event('storage', 't1');
    const answer = await post(sum);
    expect(await rolledUp()).toBe(false);
    expect(await rebuilds()).toEqual([{ id: answer.headers.get('Durabill-Workflow-Id') }]);
    expect(app.started.at(-1)?.argument).toMatchObject({
      organizationId: caller.organizationId,
      billableMetricId: at(answer.body, 'billable_metric.lago_id'),
    });
  });

  test('is told apart from one without any', async () => {
    await event('bandwidth', 't1');
    const other = await app.organization();
    await other.ok('POST', '/billable_metrics', { billable_metric: { ...sum, code: 'bandwidth' } });
    await post(sum);
    expect(await rolledUp()).toBe(true);
    expect(await rebuilds()).toEqual([]);
  });

  test.each([[{ code: 'bandwidth' }], [{ field_name: 'mb' }], [{ aggregation_type: 'count_agg' }]])(
    'is rolled up anew when %j changes what events are worth',
    async (change) => {
      await post(sum);
      await event('storage', 't1');
      await event('bandwidth', 't2');
      expect(await rolledUp()).toBe(true);
      await put('storage', { name: 'Only a name' });
      expect(await rebuilds()).toEqual([]);
      await put('storage', change);
      expect(await rolledUp()).toBe(false);
      expect(await rebuilds()).toHaveLength(1);
    },
  );

  test('is rolled up anew for each change, also at the same frozen moment', async () => {
    await post(sum);
    await event('storage', 't1');
    await put('storage', { field_name: 'mb' });
    await put('storage', { field_name: 'gb' });
    expect(await rebuilds()).toHaveLength(2);
  });
});

describe('the list of metrics', () => {
  test('is paged, newest first, with the whole meta', async () => {
    const live = await app.organization({ test_mode: false });
    for (const code of ['a', 'b', 'c']) {
      await live.ok('POST', '/billable_metrics', { billable_metric: { ...sum, code } });
    }
    const body = await live.ok('GET', '/billable_metrics?per_page=2&page=1');
    expect(at(body, 'billable_metrics.0.code')).toBe('c');
    expect(at(body, 'meta')).toEqual({
      current_page: 1,
      next_page: 2,
      prev_page: null,
      total_pages: 2,
      total_count: 3,
    });
    const last = await live.ok('GET', '/billable_metrics?per_page=2&page=2');
    expect(at(last, 'billable_metrics.0.code')).toBe('a');
    expect(at(last, 'billable_metrics.1')).toBeUndefined();
    expect(at(await caller.ok('GET', '/billable_metrics'), 'meta')).toEqual({
      current_page: 0,
      next_page: null,
      prev_page: null,
      total_pages: 0,
      total_count: 0,
    });
  });
});
