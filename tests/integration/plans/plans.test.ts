import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { actsByHand } from '../../support/acts-by-hand.ts';
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

let app: ListeningApp;
let caller: Caller;
let metricId: string;

beforeAll(async () => {
  app = await listeningApp();
});

beforeEach(async () => {
  caller = await app.organization();
  metricId = await metric('calls');
});

afterAll(() => app.close());

async function metric(code: string, definition: object = { aggregation_type: 'count_agg' }): Promise<string> {
  const body = await caller.ok('POST', '/billable_metrics', { billable_metric: { name: code, code, ...definition } });
  return textAt(body, 'billable_metric.lago_id');
}

const monthly = {
  name: 'Startup',
  code: 'startup',
  interval: 'monthly',
  amount_cents: 10_000,
  amount_currency: 'EUR',
  pay_in_advance: false,
};

const post = (plan: object) => caller.send('POST', '/plans', { plan: { ...monthly, ...plan } });
const put = (plan: unknown, code = 'startup') => caller.send('PUT', `/plans/${encodeURIComponent(code)}`, { plan });
const shown = (code = 'startup') => caller.ok('GET', `/plans/${encodeURIComponent(code)}`);

const standard = (amount = '0.5') => ({
  billable_metric_id: metricId,
  charge_model: 'standard',
  properties: { amount },
});
const range = (from: number, to: number | null) => ({
  from_value: from,
  to_value: to,
  per_unit_amount: '2',
  flat_amount: '1',
});

const plansInAll = async () => at(await caller.ok('GET', '/plans'), 'meta.total_count');

async function subscribe(planCode = 'startup', id = 's'): Promise<void> {
  await caller.ok('POST', '/customers', { customer: { external_id: 'c' } });
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c', external_id: id, plan_code: planCode },
  });
}

describe('a plan', () => {
  test('lives its whole life through the official client', async () => {
    const { lago } = caller;
    const created = await lago.plans.createPlan({
      plan: {
        ...monthly,
        interval: 'monthly',
        amount_currency: 'EUR',
        description: 'For small teams',
        invoice_display_name: 'Startup plan',
        charges: [{ billable_metric_id: metricId, charge_model: 'standard', properties: { amount: '0.5' } }],
        metadata: { tier: 'small', owner: null },
      },
    });
    const { plan } = created.data;
    expect(plan).toMatchObject({
      ...monthly,
      description: 'For small teams',
      invoice_display_name: 'Startup plan',
      trial_period: null,
      bill_charges_monthly: null,
      bill_fixed_charges_monthly: null,
      customers_count: 0,
      active_subscriptions_count: 0,
      draft_invoices_count: 0,
      parent_id: null,
      pending_deletion: false,
      fixed_charges: [],
      usage_thresholds: [],
      taxes: [],
      entitlements: [],
      metadata: { tier: 'small', owner: null },
    });
    expect(plan.charges).toEqual([
      {
        lago_id: expect.any(String),
        lago_billable_metric_id: metricId,
        code: 'calls',
        invoice_display_name: null,
        billable_metric_code: 'calls',
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        charge_model: 'standard',
        invoiceable: true,
        regroup_paid_fees: null,
        pay_in_advance: false,
        prorated: false,
        min_amount_cents: 0,
        accepts_target_wallet: false,
        properties: { amount: '0.5' },
        applied_pricing_unit: null,
        lago_parent_id: null,
        filters: [],
        taxes: [],
      },
    ]);
    await lago.plans.updatePlan('startup', { plan: { name: 'Scale-up', amount_cents: 20_000 } });
    const found = await lago.plans.findPlan('startup');
    expect(found.data.plan).toMatchObject({ name: 'Scale-up', amount_cents: 20_000, description: 'For small teams' });
    expect(found.data.plan.charges).toEqual(plan.charges);
    const listed = await lago.plans.findAllPlans();
    expect(listed.data.plans.map(({ code }) => code)).toEqual(['startup']);
    expect(listed.data.plans[0]).not.toHaveProperty('fixed_charges');
    const deleted = await lago.plans.destroyPlan('startup');
    expect(deleted.data.plan).toMatchObject({ code: 'startup', pending_deletion: true });
  });

  test('has no metadata in its JSON when there is none', async () => {
    expect(at((await post({})).body, 'plan')).not.toHaveProperty('metadata');
  });

  test.each([
    [{ interval: 'yearly' }, { bill_charges_monthly: false, bill_fixed_charges_monthly: false }],
    [
      { interval: 'semiannual', bill_charges_monthly: true },
      { bill_charges_monthly: true, bill_fixed_charges_monthly: false },
    ],
    [
      { interval: 'quarterly', bill_charges_monthly: true },
      { bill_charges_monthly: null, bill_fixed_charges_monthly: null },
    ],
  ])('with %j has the monthly flags of its interval', async (change, flags) => {
    expect((await post(change)).body).toMatchObject({ plan: flags });
  });

  test('keeps amounts up to 2^53-1', async () => {
    expect(at((await post({ amount_cents: Number.MAX_SAFE_INTEGER })).body, 'plan.amount_cents')).toBe(
      9007199254740991,
    );
  });

  test.each([
    ['"amount_cents":1E3', 'amount_cents', 1000],
    ['"amount_cents":1000.0', 'amount_cents', 1000],
    ['"trial_period":1.5e1', 'trial_period', 15],
    ['"trial_period":0.250000000000000000000', 'trial_period', 0.25],
  ])('reads %s as a number, however JSON writes it', async (json, field, value) => {
    const plan = JSON.stringify(monthly).replace('}', `,${json}}`);
    expect((await caller.send('POST', '/plans', `{"plan":${plan}}`)).body).toMatchObject({ plan: { [field]: value } });
  });

  // What JavaScript would round to a number that is allowed.
  test.each([
    ['"amount_cents":9007199254740993', { amount_cents: ['value_is_out_of_range'] }],
    ['"amount_cents":1e400', { amount_cents: ['value_is_out_of_range'] }],
    ['"amount_cents":4.9999999999999999999', { amount_cents: ['value_is_invalid'] }],
    ['"trial_period":3650.0000000000000000001', { trial_period: ['value_is_invalid'] }],
    ['"trial_period":1e-400', { trial_period: ['value_is_invalid'] }],
    ['"name":12345678901234567890', { name: ['value_is_invalid'] }],
    [
      '"charges":[{"billable_metric_id":"ID","charge_model":"graduated","properties":{"graduated_ranges":[' +
        '{"from_value":0,"to_value":4.9999999999999999999,"per_unit_amount":"1","flat_amount":"0"},' +
        '{"from_value":5,"to_value":null,"per_unit_amount":"1","flat_amount":"0"}]}}]',
      { properties: ['invalid_graduated_ranges'] },
    ],
  ])('refuses %s, and rounds nothing', async (json, details) => {
    const plan = JSON.stringify(monthly).replace('}', `,${json.replace('ID', metricId)}}`);
    expect(asPlain(await caller.send('POST', '/plans', `{"plan":${plan}}`))).toEqual(validationErrors(details));
    expect(await plansInAll()).toBe(0);
  });

  test.each([
    [{ name: null }, { name: ['value_is_mandatory'] }],
    [{ code: '' }, { code: ['value_is_mandatory'] }],
    [{ interval: null }, { interval: ['value_is_invalid'] }],
    [{ interval: '' }, { interval: ['value_is_invalid'] }],
    [{ interval: 'daily' }, { interval: ['value_is_invalid'] }],
    [{ amount_cents: null }, { amount_cents: ['value_is_mandatory'] }],
    [{ amount_cents: -1 }, { amount_cents: ['value_is_out_of_range'] }],
    [{ amount_cents: 2 ** 53 }, { amount_cents: ['value_is_out_of_range'] }],
    [{ amount_cents: 0.5 }, { amount_cents: ['value_is_invalid'] }],
    [{ amount_cents: '100' }, { amount_cents: ['value_is_invalid'] }],
    [{ amount_currency: 'EURO' }, { amount_currency: ['value_is_invalid'] }],
    [{ amount_currency: null }, { amount_currency: ['value_is_invalid'] }],
    [{ pay_in_advance: 'yes' }, { pay_in_advance: ['value_is_invalid'] }],
    [{ trial_period: -1 }, { trial_period: ['value_is_out_of_range'] }],
    [{ charges: {} }, { charges: ['value_is_invalid'] }],
  ])('with %j is refused', async (change, details) => {
    expect(asPlain(await post(change))).toEqual(validationErrors(details));
    expect(await plansInAll()).toBe(0);
  });

  test('without anything is told what is missing', async () => {
    expect(asPlain(await caller.send('POST', '/plans', { plan: { description: 'Nothing else' } }))).toEqual(
      validationErrors({
        name: ['value_is_mandatory'],
        code: ['value_is_mandatory'],
        interval: ['value_is_invalid'],
        amount_cents: ['value_is_mandatory'],
        amount_currency: ['value_is_invalid'],
      }),
    );
  });

  test('has 50 metadata keys of 100 characters at most, with values of 255', async () => {
    const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, '']));
    const refused = async (metadata: object) => at((await post({ metadata })).body, 'error_details');
    expect(await refused(keys(51))).toEqual({ metadata: ['too_many_keys'] });
    expect(await refused({ ['k'.repeat(101)]: 'v' })).toEqual({ metadata: ['key_too_long'] });
    expect(await refused({ k: 'v'.repeat(256) })).toEqual({ metadata: ['value_too_long'] });
    expect(await refused({ k: { nested: 'v' } })).toEqual({ 'metadata.k': ['value_is_invalid'] });
    expect((await post({ metadata: { ...keys(49), ['k'.repeat(100)]: 'v'.repeat(255) } })).status).toBe(200);
  });

  test.each([
    { minimum_commitment: { amount_cents: 1000 } },
    { usage_thresholds: [{ amount_cents: 1000 }] },
    { fixed_charges: [{ add_on_code: 'seat', charge_model: 'standard', units: 1 }] },
    { minimum_commitment: { amount_cents: 1000 }, usage_thresholds: [{ amount_cents: 1000 }] },
  ])('with %j is a 403 that names it: this version cannot bill it', async (change) => {
    expect(asPlain(await post(change))).toEqual(featureUnavailable(...Object.keys(change)));
    await post({});
    expect(asPlain(await put(change))).toEqual(featureUnavailable(...Object.keys(change)));
  });

  test('takes the same parts when they are empty', async () => {
    const empty = { trial_period: 0, minimum_commitment: {}, usage_thresholds: [], fixed_charges: [], tax_codes: [] };
    expect(at((await post(empty)).body, 'plan.trial_period')).toBe(0);
  });

  test('with a tax code is a 404: there are no taxes', async () => {
    expect(asPlain(await post({ tax_codes: ['vat'] }))).toEqual(notFound('tax'));
    expect(asPlain(await post({ charges: [{ ...standard(), tax_codes: ['vat'] }] }))).toEqual(notFound('tax'));
  });
});

describe('the code of a plan', () => {
  const taken = validationErrors({ code: ['value_already_exist'] });

  test('is unique', async () => {
    await post({});
    expect(asPlain(await post({}))).toEqual(taken);
    await post({ code: 'other' });
    expect(asPlain(await put({ code: 'startup' }, 'other'))).toEqual(taken);
  });

  test('goes to one of many who ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => post({ charges: [standard()] })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status !== 200).map(asPlain)).toEqual(Array.from({ length: 5 }, () => taken));
    expect(at(await shown(), 'plan.charges.1')).toBeUndefined();
  });

  test('may have dots and slashes', async () => {
    await post({ code: 'v1.2/eu' });
    expect(at(await shown('v1.2/eu'), 'plan.code')).toBe('v1.2/eu');
  });
});

describe('a charge of a new plan', () => {
  test('of an unknown metric is a 404, and nothing is stored', async () => {
    const other = await app.organization();
    const foreign = await other.ok('POST', '/billable_metrics', {
      billable_metric: { name: 'm', code: 'm', aggregation_type: 'count_agg' },
    });
    for (const id of [
      'nonsense',
      '00000000-0000-4000-8000-000000000000',
      at(foreign, 'billable_metric.lago_id'),
      undefined,
    ]) {
      const { status, body } = await post({ charges: [standard(), { ...standard(), billable_metric_id: id }] });
      expect({ status, body }).toEqual(notFound('billable_metrics'));
    }
    expect(await plansInAll()).toBe(0);
  });

  test('of a deleted metric is a 404', async () => {
    await caller.ok('DELETE', '/billable_metrics/calls');
    expect(asPlain(await post({ charges: [standard()] }))).toEqual(notFound('billable_metrics'));
  });

  test('without properties has the default of its model', async () => {
    const charges = [
      { billable_metric_id: metricId, charge_model: 'standard' },
      { billable_metric_id: metricId, charge_model: 'graduated', properties: null },
    ];
    const { body } = await post({ charges });
    expect(at(body, 'plan.charges.0.properties')).toEqual({ amount: '0' });
    expect(at(body, 'plan.charges.1.properties')).toEqual({
      graduated_ranges: [{ from_value: 0, to_value: null, per_unit_amount: '0', flat_amount: '0' }],
    });
  });

  test('keeps the properties of its model only', async () => {
    const { body } = await post({ charges: [{ ...standard(), properties: { amount: '1', rate: '2' } }] });
    expect(at(body, 'plan.charges.0.properties')).toEqual({ amount: '1' });
  });

  test('shows empty grouping keys under both names', async () => {
    const { body } = await post({ charges: [{ ...standard(), properties: { amount: '1', grouped_by: ['a'] } }] });
    expect(at(body, 'plan.charges.0.properties')).toEqual({
      amount: '1',
      grouped_by: ['a'],
      pricing_group_keys: ['a'],
    });
  });

  test('gets a code from its metric: the first free one above the largest suffix', async () => {
    const charges = [standard(), { ...standard(), code: 'calls_7' }, standard(), { ...standard(), code: ' ' }];
    const { body } = await post({ charges });
    expect([0, 1, 2, 3].map((index) => at(body, `plan.charges.${index}.code`))).toEqual([
      'calls',
      'calls_7',
      'calls_8',
      'calls_9',
    ]);
  });

  test('with a code that another one has is refused', async () => {
    const charges = [
      { ...standard(), code: 'one' },
      { ...standard(), code: 'one' },
    ];
    expect(asPlain(await post({ charges }))).toEqual(validationErrors({ code: ['value_already_exist'] }));
  });

  const graduated = (...ranges: object[]) => ({ charge_model: 'graduated', properties: { graduated_ranges: ranges } });

  test.each([
    [{ charge_model: null }, { charge_model: ['value_is_mandatory'] }],
    [{ charge_model: '' }, { charge_model: ['value_is_mandatory'] }],
    [{ charge_model: 'flat' }, { charge_model: ['value_is_invalid'] }],
    [{ charge_model: 'custom' }, { charge_model: ['invalid_aggregation_type_or_charge_model'] }],
    [{ charge_model: 'dynamic' }, { charge_model: ['invalid_aggregation_type_or_charge_model'] }],
    [{ properties: { amount: 5 } }, { properties: ['invalid_amount'] }],
    [{ properties: { amount: '-1' } }, { properties: ['invalid_amount'] }],
    [{ properties: {} }, { properties: ['invalid_amount'] }],
    [{ properties: 'cheap' }, { properties: ['invalid_amount'] }],
    [{ properties: { amount: '1', grouped_by: 'region' } }, { properties: ['invalid_type'] }],
    [graduated(), { properties: ['missing_graduated_ranges'] }],
    [graduated(range(0, 10)), { properties: ['invalid_graduated_ranges'] }],
    [graduated(range(0, 10), range(13, null)), { properties: ['invalid_graduated_ranges'] }],
    [{ prorated: true }, { prorated: ['invalid_billable_metric_or_charge_model'] }],
    [
      { charge_model: 'volume', pay_in_advance: true },
      { pay_in_advance: ['invalid_aggregation_type_or_charge_model'] },
    ],
    [{ invoiceable: false }, { invoiceable: ['must_be_true_unless_pay_in_advance'] }],
    [
      { regroup_paid_fees: 'invoice' },
      { regroup_paid_fees: ['only_compatible_with_pay_in_advance_and_non_invoiceable'] },
    ],
    [{ regroup_paid_fees: 'monthly' }, { regroup_paid_fees: ['value_is_invalid'] }],
    [{ min_amount_cents: -1 }, { min_amount_cents: ['value_is_out_of_range'] }],
    [{ min_amount_cents: 100, pay_in_advance: true }, { min_amount_cents: ['not_compatible_with_pay_in_advance'] }],
    [{ accepts_target_wallet: true }, { accepts_target_wallet: ['feature_unavailable'] }],
  ])('with %j is refused, and the plan with it', async (change, details) => {
    expect(asPlain(await post({ charges: [standard(), { ...standard(), ...change }] }))).toEqual(
      validationErrors(details),
    );
    expect(await plansInAll()).toBe(0);
  });

  test('of the dynamic model is for sums alone', async () => {
    const sumId = await metric('gb', { aggregation_type: 'sum_agg', field_name: 'gb' });
    const charge = { billable_metric_id: sumId, charge_model: 'dynamic', properties: { amount: '3' } };
    const { status, body } = await post({ charges: [charge] });
    expect({ status, body: at(body, 'plan.charges.0') }).toMatchObject({
      status: 200,
      body: { charge_model: 'dynamic', properties: {} },
    });
  });

  test.each([
    ['package', { amount: '0', package_size: 1, free_units: 0 }],
    ['percentage', { rate: '0' }],
    ['volume', { volume_ranges: [{ from_value: 0, to_value: null, per_unit_amount: '0', flat_amount: '0' }] }],
    [
      'graduated_percentage',
      { graduated_percentage_ranges: [{ from_value: 0, to_value: null, rate: '0', flat_amount: '0' }] },
    ],
  ])('of the model %s has defaults', async (charge_model, properties) => {
    const { body } = await post({ charges: [{ billable_metric_id: metricId, charge_model }] });
    expect(at(body, 'plan.charges.0')).toMatchObject({ charge_model, properties });
  });
});

describe('the list of charges in an update', () => {
  async function twoCharges(): Promise<readonly [string, string]> {
    const { body } = await post({ charges: [{ ...standard('1'), invoice_display_name: 'Calls' }, standard('2')] });
    return [textAt(body, 'plan.charges.0.lago_id'), textAt(body, 'plan.charges.1.lago_id')];
  }

  test('changes known ones, makes new ones and deletes the rest', async () => {
    const [, second] = await twoCharges();
    const { status, body } = await put({
      charges: [
        standard('9'),
        { id: second, billable_metric_id: metricId, charge_model: 'standard', properties: { amount: '3' } },
      ],
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      plan: {
        charges: [
          // The first one is gone, so its code is free.
          { code: 'calls', properties: { amount: '9' } },
          { lago_id: second, code: 'calls_2', properties: { amount: '3' } },
        ],
      },
    });
    expect(at(body, 'plan.charges.2')).toBeUndefined();
    expect(at(await shown(), 'plan.charges')).toEqual(at(body, 'plan.charges'));
  });

  test('leaves everything as it is when it is absent, and deletes all when it is empty', async () => {
    await twoCharges();
    const before = at(await shown(), 'plan.charges');
    expect(at((await put({ name: 'Other' })).body, 'plan.charges')).toEqual(before);
    expect(at((await put({ charges: [] })).body, 'plan.charges')).toEqual([]);
    expect(at(await shown(), 'plan.charges')).toEqual([]);
  });

  test('replaces a charge and does not merge: absent properties are the default of the model sent', async () => {
    const [first] = await twoCharges();
    const { body } = await put({ charges: [{ id: first, charge_model: 'graduated' }] });
    expect(body).toMatchObject({
      plan: {
        charges: [
          {
            lago_id: first,
            charge_model: 'graduated',
            invoice_display_name: null,
            properties: { graduated_ranges: [{ from_value: 0, to_value: null }] },
          },
        ],
      },
    });
    expect(asPlain(await put({ charges: [{ id: first }] }))).toEqual(
      validationErrors({ properties: ['missing_graduated_ranges'] }),
    );
  });

  test('may give a charge another metric and code', async () => {
    const [first] = await twoCharges();
    const other = await metric('seats');
    const { body } = await put({ charges: [{ ...standard('1'), id: first, billable_metric_id: other, code: 'x' }] });
    expect(body).toMatchObject({
      plan: { charges: [{ lago_id: first, code: 'x', billable_metric_code: 'seats' }] },
    });
  });

  test('names each charge once', async () => {
    const [first] = await twoCharges();
    const twice = [
      { ...standard('1'), id: first },
      { ...standard('2'), id: first },
    ];
    expect(asPlain(await put({ charges: twice })).status).toBe(422);
    expect(at(await shown(), 'plan.charges.1.properties.amount')).toBe('2');
  });

  test('is refused as a whole with one bad charge', async () => {
    const [first, second] = await twoCharges();
    const before = await shown();
    const charges = [
      { ...standard('7'), id: first },
      { ...standard('x'), id: second },
    ];
    expect(asPlain(await put({ name: 'Changed', charges }))).toEqual(
      validationErrors({ properties: ['invalid_amount'] }),
    );
    expect(await shown()).toEqual(before);
  });
});

describe('a plan of many charges', () => {
  const charges = (count: number) => Array.from({ length: count }, () => standard());

  test('is created with as many statements as a plan of one', async () => {
    await post({ code: 'warm-up', charges: charges(1) });
    const one = await app.statementsOf(() => post({ code: 'one', charges: charges(1) }));
    expect(await app.statementsOf(() => post({ code: 'many', charges: charges(40) }))).toBe(one);
  });

  test('is changed with as many statements as a plan of one', async () => {
    const statements: number[] = [];
    for (const count of [2, 40]) {
      const code = `plan-${count}`;
      const { body } = await post({ code, charges: charges(count) });
      const ids = (at(body, 'plan.charges') as { lago_id: string }[]).map((charge) => charge.lago_id);
      // Half of them change, the others go, and as many are new.
      const changed = ids.slice(0, count / 2).map((id) => ({ ...standard('9'), id }));
      const list = [...changed, ...charges(count / 2)];
      statements.push(await app.statementsOf(() => put({ charges: list }, code)));
      expect(at(await shown(code), `plan.charges.${count / 2 - 1}.properties.amount`)).toBe('9');
    }
    expect(statements[1]).toBe(statements[0]);
  });
});

describe('an update of a plan', () => {
  test('of an unknown code is a 404', async () => {
    expect(asPlain(await put({ name: 'X' }, 'unknown'))).toEqual(notFound('plan'));
  });

  test('changes everything while nobody has subscribed', async () => {
    await post({});
    const change = {
      code: 'renamed',
      interval: 'yearly',
      amount_currency: 'USD',
      bill_charges_monthly: true,
      invoice_display_name: 'Shown',
      metadata: { a: 'b' },
    };
    expect((await put(change)).body).toMatchObject({
      plan: { ...monthly, ...change, bill_fixed_charges_monthly: false },
    });
  });

  test('sets the monthly flags anew: without an interval in the request they are null', async () => {
    await post({ interval: 'yearly', bill_charges_monthly: true });
    expect((await put({ name: 'X' })).body).toMatchObject({
      plan: { interval: 'yearly', bill_charges_monthly: null, bill_fixed_charges_monthly: null },
    });
  });

  test('leaves what decides periods as it is once somebody has subscribed, without an error', async () => {
    await post({ interval: 'yearly', bill_charges_monthly: true, charges: [standard('1')] });
    const charge = textAt(await shown(), 'plan.charges.0.lago_id');
    await subscribe();
    const seats = await metric('seats');
    const { status, body } = await put({
      name: 'New name',
      amount_cents: 5,
      code: 'renamed',
      interval: 'weekly',
      amount_currency: 'USD',
      pay_in_advance: true,
      trial_period: 10,
      bill_charges_monthly: false,
      charges: [
        {
          id: charge,
          billable_metric_id: seats,
          code: 'renamed',
          charge_model: 'graduated',
          prorated: true,
          invoiceable: false,
          min_amount_cents: 5,
          pay_in_advance: true,
          properties: { amount: '4' },
          invoice_display_name: 'Shown',
        },
        { ...standard('8'), billable_metric_id: seats },
      ],
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      plan: {
        ...monthly,
        name: 'New name',
        amount_cents: 5,
        interval: 'yearly',
        bill_charges_monthly: true,
        trial_period: null,
        charges: [
          {
            lago_id: charge,
            billable_metric_code: 'calls',
            code: 'calls',
            charge_model: 'standard',
            prorated: false,
            invoiceable: true,
            min_amount_cents: 0,
            pay_in_advance: false,
            properties: { amount: '4' },
            invoice_display_name: 'Shown',
          },
          { billable_metric_code: 'seats', code: 'seats', properties: { amount: '8' } },
        ],
      },
    });
  });
});

describe('deleting a plan', () => {
  const acts = () =>
    app.rows(`select id from acts where organization_id = $1 and kind = 'deletePlan'`, [caller.organizationId]);

  test('answers the plan with its charges at once; nobody can subscribe any more, and an act does the rest', async () => {
    await post({ charges: [standard()] });
    const before = at(await shown(), 'plan') as object;
    const answer = await caller.send('DELETE', '/plans/startup');
    expect(at(answer.body, 'plan')).toEqual({ ...before, pending_deletion: true });
    expect(answer.headers.get('Durabill-Workflow-Id')).toMatch(/^delete-plan\//);
    await caller.ok('POST', '/customers', { customer: { external_id: 'c' } });
    const subscription = { external_customer_id: 'c', external_id: 's', plan_code: 'startup' };
    expect(asPlain(await caller.send('POST', '/subscriptions', { subscription }))).toEqual(notFound('plan'));
    expect((await post({})).status).toBe(422);
  });

  test('again, while the act is at it, does nothing more', async () => {
    await post({});
    await caller.ok('DELETE', '/plans/startup');
    const again = await caller.send('DELETE', '/plans/startup');
    expect(at(again.body, 'plan.pending_deletion')).toBe(true);
    expect(again.headers.get('Durabill-Workflow-Id')).toBeNull();
    expect(await acts()).toHaveLength(1);
  });

  test('is done when its act is: it is not there, and the code is free', async () => {
    await post({});
    await caller.ok('DELETE', '/plans/startup');
    await actsByHand(app.orm, caller.organizationId).run('2026-01-01T00:00:00Z');
    expect(asPlain(await caller.send('DELETE', '/plans/startup'))).toEqual(notFound('plan'));
    expect(asPlain(await put({ name: 'X' }))).toEqual(notFound('plan'));
    expect(await plansInAll()).toBe(0);
    expect((await post({})).status).toBe(200);
  });
});

describe('the list of plans', () => {
  test('needs the same number of statements for 1 plan and for 30 with charges', async () => {
    await post({ charges: [standard()] });
    const list = () => caller.ok('GET', '/plans');
    await list();
    const one = await app.statementsOf(list);
    for (let index = 0; index < 29; index++) await post({ code: `p${index}`, charges: [standard(), standard()] });
    expect(await app.statementsOf(list)).toBe(one);
    expect(one).toBeGreaterThan(0);
  });

  test('shows each plan with its own charges, in their order', async () => {
    await post({
      code: 'a',
      charges: [
        { ...standard('2'), code: 'z' },
        { ...standard('1'), code: 'y' },
      ],
    });
    await post({ code: 'b', charges: [{ ...standard('3'), code: 'x' }] });
    const { plans } = (await caller.lago.plans.findAllPlans()).data;
    const codes = Object.fromEntries(plans.map((plan) => [plan.code, plan.charges?.map(({ code }) => code)]));
    expect(codes).toEqual({ a: ['z', 'y'], b: ['x'] });
  });

  test('leaves out overrides of plans', async () => {
    const { body } = await post({});
    await app.rows(
      `insert into plans (id, organization_id, parent_id, name, code, interval, amount_cents, amount_currency, pay_in_advance,
                          created_at, updated_at)
       select gen_random_uuid(), organization_id, id, name, code, interval, 1, amount_currency, false, created_at, updated_at
       from plans where id = $1`,
      [at(body, 'plan.lago_id')],
    );
    expect(await plansInAll()).toBe(1);
    expect(at(await shown(), 'plan.amount_cents')).toBe(10_000);
  });
});
