// Charges and their filters by endpoints of their own, and what a metric that changes does to filters (spec, usage 1.7,
// 3.1, 4.1; S090).
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
let metricId: string;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization();
  const metric = await caller.ok('POST', '/billable_metrics', {
    billable_metric: {
      name: 'Traffic',
      code: 'traffic',
      aggregation_type: 'sum_agg',
      field_name: 'gb',
      filters: [
        { key: 'cloud', values: ['aws', 'gcp', 'azure'] },
        { key: 'region', values: ['eu', 'us'] },
      ],
    },
  });
  metricId = textAt(metric, 'billable_metric.lago_id');
});
afterAll(() => app.close());

const charge = (more: object = {}) => ({
  billable_metric_id: metricId,
  charge_model: 'standard',
  properties: { amount: '10' },
  ...more,
});
const filter = (values: object, amount = '5', more: object = {}) => ({ values, properties: { amount }, ...more });

const createPlan = (charges: readonly object[] = []) =>
  caller.ok('POST', '/plans', {
    plan: { name: 'p', code: 'p', interval: 'monthly', amount_cents: 0, amount_currency: 'EUR', charges },
  });
const putPlan = (charges: readonly object[]) => caller.send('PUT', '/plans/p', { plan: { charges } });
const filtersOf = async () => at(await caller.ok('GET', '/plans/p'), 'plan.charges.0.filters') as ShownFilter[];

interface ShownFilter {
  readonly lago_id: string;
  readonly values: Record<string, string[]>;
  readonly properties: Record<string, unknown>;
  readonly invoice_display_name: string | null;
}

async function subscribe(): Promise<void> {
  await caller.ok('POST', '/customers', { customer: { external_id: 'c' } });
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c', external_id: 's', plan_code: 'p' },
  });
}

describe('charges of a plan by themselves', () => {
  test('are created, shown, listed, changed and deleted', async () => {
    await createPlan();
    const created = await caller.ok('POST', '/plans/p/charges', {
      charge: charge({ code: 'a', filters: [filter({ cloud: ['aws'] })] }),
    });
    expect(at(created, 'charge')).toEqual(
      expect.objectContaining({
        code: 'a',
        lago_billable_metric_id: metricId,
        properties: { amount: '10' },
        filters: [
          {
            lago_id: expect.any(String),
            charge_code: 'a',
            invoice_display_name: null,
            values: { cloud: ['aws'] },
            properties: { amount: '5' },
          },
        ],
      }),
    );
    await caller.ok('POST', '/plans/p/charges', { charge: charge({ code: 'b' }) });
    expect(await caller.ok('GET', '/plans/p/charges/a')).toEqual(created);
    expect(
      (at(await caller.ok('GET', '/plans/p'), 'plan.charges') as { code: string }[]).map(({ code }) => code),
    ).toEqual(['a', 'b']);
    const page = await caller.ok('GET', '/plans/p/charges?per_page=1');
    expect([at(page, 'charges.length'), at(page, 'meta.total_count'), at(page, 'meta.next_page')]).toEqual([1, 2, 2]);

    const changed = await caller.ok('PUT', '/plans/p/charges/a', {
      charge: { code: 'c', charge_model: 'standard', properties: { amount: '7' }, invoice_display_name: 'Traffic' },
    });
    expect(changed).toEqual({
      charge: {
        ...(at(created, 'charge') as object),
        code: 'c',
        properties: { amount: '7' },
        invoice_display_name: 'Traffic',
        filters: [{ ...(at(created, 'charge.filters.0') as object), charge_code: 'c' }],
      },
    });
    expect(await caller.ok('DELETE', '/plans/p/charges/c')).toEqual(changed);
    expect(asPlain(await caller.send('GET', '/plans/p/charges/c'))).toEqual(notFound('charge'));
  });

  test('keep model and code once the plan has a subscription', async () => {
    await createPlan([charge({ code: 'a' })]);
    await subscribe();
    const changed = await caller.ok('PUT', '/plans/p/charges/a', {
      charge: { code: 'other', charge_model: 'dynamic', properties: { amount: '3' } },
    });
    expect([at(changed, 'charge.code'), at(changed, 'charge.charge_model'), at(changed, 'charge.properties')]).toEqual([
      'a',
      'standard',
      { amount: '3' },
    ]);
  });

  test.each([
    [{}, { code: ['value_is_mandatory'] }],
    [{ code: 'a' }, { code: ['value_already_exist'] }],
    [{ code: 'b', properties: { amount: 1 } }, { properties: ['invalid_amount'] }],
  ])('with %j are refused', async (more, details) => {
    await createPlan([charge({ code: 'a' })]);
    expect(asPlain(await caller.send('POST', '/plans/p/charges', { charge: charge(more) }))).toEqual(
      validationErrors(details),
    );
  });

  test('of what is not there are a 404', async () => {
    await createPlan([charge({ code: 'a' })]);
    const unknown = { charge: charge({ code: 'b', billable_metric_id: '00000000-0000-4000-8000-000000000000' }) };
    expect(asPlain(await caller.send('POST', '/plans/p/charges', unknown))).toEqual(notFound('billable_metric'));
    expect(asPlain(await caller.send('POST', '/plans/x/charges', unknown))).toEqual(notFound('plan'));
    expect(asPlain(await caller.send('GET', '/plans/x/charges'))).toEqual(notFound('plan'));
    expect(asPlain(await caller.send('DELETE', '/plans/p/charges/x'))).toEqual(notFound('charge'));
    expect(asPlain(await caller.send('GET', '/plans/p/charges/a/filters/x'))).toEqual(notFound('charge_filter'));
    expect(asPlain(await caller.send('DELETE', '/plans/p/charges/a/filters/x'))).toEqual(notFound('charge_filter'));
  });
});

describe('filters of a charge', () => {
  test('are created, shown, listed, changed and deleted one by one', async () => {
    await createPlan([charge({ code: 'a' })]);
    const asked = filter({ region: ['__ALL_FILTER_VALUES__'], cloud: ['aws'] }, '5', { invoice_display_name: 'AWS' });
    const created = await caller.ok('POST', '/plans/p/charges/a/filters', { filter: asked });
    expect(created).toEqual({ filter: { ...asked, lago_id: expect.any(String), charge_code: 'a' } });
    const path = `/plans/p/charges/a/filters/${textAt(created, 'filter.lago_id')}`;
    expect(await caller.ok('GET', path)).toEqual(created);
    await caller.ok('POST', '/plans/p/charges/a/filters', { filter: filter({ cloud: ['gcp'] }) });
    const page = await caller.ok('GET', '/plans/p/charges/a/filters?per_page=1&page=2');
    expect([at(page, 'filters.length'), at(page, 'meta.total_count')]).toEqual([1, 2]);

    const changed = await caller.ok('PUT', path, {
      filter: { properties: { amount: '6' }, values: { cloud: ['azure'] } },
    });
    expect(changed).toEqual({ filter: { ...(at(created, 'filter') as object), properties: { amount: '6' } } });
    expect(await caller.ok('DELETE', path)).toEqual(changed);
    expect((await filtersOf()).map(({ values }) => values)).toEqual([{ cloud: ['gcp'] }]);
  });

  test.each([
    [{ values: { size: ['1'] } }, { billable_metric_filter: ['relation_must_exist'] }],
    [{ values: { cloud: ['ibm'] } }, { values: ['value_is_invalid'] }],
    [{ values: null }, { values: ['value_is_mandatory'] }],
    [{ values: { cloud: ['aws'] }, properties: {} }, { properties: ['invalid_amount'] }],
  ])('of %j are refused, and a plan with them', async (asked, details) => {
    await createPlan([charge({ code: 'a' })]);
    const wrong = { ...filter({}), ...asked };
    expect(asPlain(await caller.send('POST', '/plans/p/charges/a/filters', { filter: wrong }))).toEqual(
      validationErrors(details),
    );
    expect(asPlain(await putPlan([charge({ filters: [wrong] })]))).toEqual(validationErrors(details));
    expect(await filtersOf()).toEqual([]);
  });

  test('that a list names again keep their ids and are not written; their order is that of the list', async () => {
    const values = [{ cloud: ['aws', 'gcp'] }, { cloud: ['azure'] }, { region: ['eu'] }];
    const plan = await createPlan([charge({ filters: values.map((one) => filter(one)) })]);
    const chargeId = at(plan, 'plan.charges.0.lago_id');
    const before = await filtersOf();
    const written = () =>
      app.rows('select id from charge_filters where organization_id = $1 and updated_at > $2', [
        caller.organizationId,
        '2030-01-01T00:00:00Z',
      ]);
    await app.rows(`update organizations set clock_now = '2031-01-01T00:00:00Z' where id = $1`, [
      caller.organizationId,
    ]);
    const list = [filter({ cloud: ['aws', 'gcp'] }), filter({ cloud: ['azure'] }, '9'), filter({ region: ['eu'] })];
    expect((await putPlan([charge({ id: chargeId, filters: list })])).status).toBe(200);
    expect(await written()).toEqual([{ id: before[1]!.lago_id }]);
    expect((await putPlan([charge({ id: chargeId, filters: list.toReversed() })])).status).toBe(200);
    expect((await filtersOf()).map(({ lago_id }) => lago_id)).toEqual(
      before.map(({ lago_id }) => lago_id).toReversed(),
    );
    // Without a list they stay; an empty one takes them all away.
    expect((await putPlan([charge({ id: chargeId })])).status).toBe(200);
    expect(await filtersOf()).toHaveLength(3);
    expect((await putPlan([charge({ id: chargeId, filters: [] })])).status).toBe(200);
    expect(await filtersOf()).toEqual([]);
  });

  test('that stay have to fit another model', async () => {
    const plan = await createPlan([charge({ filters: [filter({ cloud: ['aws'] })] })]);
    const change = { id: at(plan, 'plan.charges.0.lago_id'), charge_model: 'package', properties: null };
    expect(asPlain(await putPlan([charge(change)]))).toEqual(
      validationErrors({ properties: ['invalid_package_size', 'invalid_free_units'] }),
    );
  });

  test('lose the values that the metric does not declare any more, and go with the last of them', async () => {
    await createPlan([
      charge({
        filters: [
          filter({ cloud: ['aws', 'gcp'], region: ['eu'] }),
          filter({ cloud: ['gcp'] }),
          filter({ region: ['eu'], cloud: ['gcp'] }),
          filter({ cloud: ['__ALL_FILTER_VALUES__'] }),
          filter({ region: ['us'] }),
        ],
      }),
    ]);
    await caller.ok('PUT', '/billable_metrics/traffic', {
      billable_metric: {
        filters: [
          { key: 'cloud', values: ['aws', 'azure'] },
          { key: 'region', values: ['eu'] },
        ],
      },
    });
    expect((await filtersOf()).map(({ values }) => values)).toEqual([
      { cloud: ['aws'], region: ['eu'] },
      { region: ['eu'] },
      { cloud: ['__ALL_FILTER_VALUES__'] },
    ]);
    await caller.ok('PUT', '/billable_metrics/traffic', { billable_metric: { filters: [] } });
    expect(await filtersOf()).toEqual([]);
  });

  test('in any number are written in as many statements as one', async () => {
    const clouds = Array.from({ length: 200 }, (_, index) => `c${index}`);
    await caller.ok('PUT', '/billable_metrics/traffic', {
      billable_metric: { filters: [{ key: 'cloud', values: clouds }] },
    });
    const plan = (code: string, count: number) => ({
      plan: {
        name: code,
        code,
        interval: 'monthly',
        amount_cents: 0,
        amount_currency: 'EUR',
        charges: [charge({ filters: clouds.slice(0, count).map((cloud) => filter({ cloud: [cloud] })) })],
      },
    });
    // The keys of the rollups are new to the metric once.
    await caller.ok('POST', '/plans', plan('first', 1));
    const one = await app.statementsOf(() => caller.ok('POST', '/plans', plan('one', 1)));
    expect(await app.statementsOf(() => caller.ok('POST', '/plans', plan('many', 200)))).toBe(one);
  });
});
