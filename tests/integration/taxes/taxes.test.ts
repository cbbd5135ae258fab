// Taxes and what has them (spec, money 1.1, 1.2; S096).
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

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization();
});
afterAll(() => app.close());

const VAT = { name: 'TVA', code: 'vat', rate: 20, description: 'Of France' };
const create = (tax: object = VAT, by = caller) => by.send('POST', '/taxes', { tax });
const made = async (tax: object = {}) =>
  at(await caller.ok('POST', '/taxes', { tax: { ...VAT, ...tax } }), 'tax') as any;
const codesAt = async (path: string, place: string) =>
  (at(await caller.ok('GET', path), `${place}.taxes`) as { code: string }[]).map(({ code }) => code);
const stored = () => app.rows('select code, name from taxes where organization_id = $1', [caller.organizationId]);

describe('a tax', () => {
  test('is created, shown, listed, changed and deleted', async () => {
    const shown = {
      lago_id: expect.any(String),
      ...VAT,
      applied_to_organization: false,
      applied_to_billing_entities_codes: [],
      add_ons_count: 0,
      customers_count: 0,
      plans_count: 0,
      charges_count: 0,
      commitments_count: 0,
      created_at: expect.any(String),
    };
    expect(await made()).toEqual(shown);
    expect(await caller.ok('GET', '/taxes/vat')).toEqual({ tax: shown });
    const changed = await caller.ok('PUT', '/taxes/vat', { tax: { rate: '5.5', description: null, code: 'tva' } });
    expect(changed).toEqual({ tax: { ...shown, rate: 5.5, description: null, code: 'tva' } });
    await made({ code: 'newer' });
    const listed = (await caller.ok('GET', '/taxes?per_page=1&page=2')) as any;
    // Made at one moment of the test clock: by id.
    expect(listed.taxes.map(({ code }: any) => code)).toEqual(['newer']);
    expect(listed.meta).toMatchObject({ current_page: 2, total_pages: 2, total_count: 2 });
    expect(at(await caller.ok('DELETE', '/taxes/tva'), 'tax.code')).toBe('tva');
    expect(asPlain(await caller.send('GET', '/taxes/tva'))).toEqual(notFound('tax'));
    // Its code is free again.
    expect((await made({ code: 'tva' })).rate).toBe(20);
  });

  test('is read and changed through Lago’s own client', async () => {
    await caller.lago.taxes.createTax({ tax: { ...VAT, rate: '20' } });
    const { data } = await caller.lago.taxes.findTax('vat');
    expect(data.tax).toMatchObject({ code: 'vat', rate: 20 });
  });

  test('costs the same to list however many there are, and whoever has them: no count is counted (S096)', async () => {
    await made();
    const list = () => app.statementsOf(() => caller.ok('GET', '/taxes'));
    const one = await list();
    for (let index = 0; index < 5; index += 1) {
      await made({ code: `t${index}`, applied_to_organization: true });
      await caller.ok('POST', '/customers', {
        customer: { external_id: `c${index}`, tax_codes: ['vat', `t${index}`] },
      });
    }
    expect(await list()).toBe(one);
    const listed = (await caller.ok('GET', '/taxes')) as any;
    expect(listed.taxes).toHaveLength(6);
    expect(listed.taxes.map(({ customers_count }: any) => customers_count)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('is the default billing entity’s where it is applied to the organization', async () => {
    await caller.ok('POST', '/billing_entities', { billing_entity: { code: 'other', name: 'Other' } });
    expect(await made({ applied_to_organization: true })).toMatchObject({
      applied_to_organization: true,
      applied_to_billing_entities_codes: ['default'],
    });
    await caller.ok('PUT', '/billing_entities/other', { billing_entity: { tax_codes: ['vat'] } });
    expect(at(await caller.ok('GET', '/taxes/vat'), 'tax.applied_to_billing_entities_codes')).toEqual([
      'default',
      'other',
    ]);
    const off = await caller.ok('PUT', '/taxes/vat', { tax: { applied_to_organization: false } });
    expect(at(off, 'tax')).toMatchObject({
      applied_to_organization: false,
      applied_to_billing_entities_codes: ['other'],
    });
    // An absent key changes nothing.
    await caller.ok('PUT', '/taxes/vat', { tax: { applied_to_organization: true } });
    expect(at(await caller.ok('PUT', '/taxes/vat', { tax: { rate: 1 } }), 'tax.applied_to_organization')).toBe(true);
    expect(await codesAt('/organizations', 'organization')).toEqual(['vat']);
  });

  test('that two create at once is one', async () => {
    const answers = await Promise.all([create(), create(), create()]);
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 422, 422]);
    expect(asPlain(answers.find(({ status }) => status === 422)!)).toEqual(
      validationErrors({ code: ['value_already_exist'] }),
    );
  });
});

const LONG = 'x'.repeat(256);
type BadTax = readonly [field: string, value: unknown, code: string];
const BAD: readonly BadTax[] = [
  ['name', '', 'value_is_mandatory'],
  ['name', null, 'value_is_mandatory'],
  ['name', 5, 'value_is_invalid'],
  ['name', LONG, 'value_is_too_long'],
  ['code', ' ', 'value_is_mandatory'],
  ['code', null, 'value_is_mandatory'],
  ['code', {}, 'value_is_invalid'],
  ['code', LONG, 'value_is_too_long'],
  ['rate', null, 'value_is_mandatory'],
  ['rate', '', 'value_is_mandatory'],
  ['rate', 'twenty', 'value_is_invalid'],
  ['rate', true, 'value_is_invalid'],
  ['rate', [20], 'value_is_invalid'],
  ['rate', -1, 'value_is_out_of_range'],
  ['rate', '-0.1', 'value_is_out_of_range'],
  ['rate', 10_001, 'value_is_out_of_range'],
  ['rate', '1e9', 'value_is_out_of_range'],
  ['rate', '1e90', 'value_is_invalid'],
  ['description', 5, 'value_is_invalid'],
  ['description', 'x'.repeat(10_001), 'value_is_too_long'],
  ['applied_to_organization', 'yes', 'value_is_invalid'],
];

describe('bad input', () => {
  test.each(BAD)(
    '%s %j is %s, for a new tax and for one that is there, and nothing is stored',
    async (field, value, code) => {
      expect(asPlain(await create({ ...VAT, [field]: value }))).toEqual(validationErrors({ [field]: [code] }));
      expect(await stored()).toEqual([]);
      const before = await made();
      expect(asPlain(await caller.send('PUT', '/taxes/vat', { tax: { [field]: value } }))).toEqual(
        validationErrors({ [field]: [code] }),
      );
      expect(at(await caller.ok('GET', '/taxes/vat'), 'tax')).toEqual(before);
    },
  );

  test.each(['name', 'code', 'rate'] as const)('%s is mandatory', async (field) => {
    const { [field]: _left, ...tax } = VAT;
    expect(asPlain(await create(tax))).toEqual(validationErrors({ [field]: ['value_is_mandatory'] }));
  });

  test('no root, an empty one and one of another kind are 400', async () => {
    for (const body of [{}, { tax: {} }, { tax: [] }, { tax: 'vat' }, []]) {
      expect((await caller.send('POST', '/taxes', body)).status).toBe(400);
    }
  });

  test('a taken code is refused, new or changed; its own is not', async () => {
    await made();
    await made({ code: 'other' });
    const taken = validationErrors({ code: ['value_already_exist'] });
    expect(asPlain(await create())).toEqual(taken);
    expect(asPlain(await caller.send('PUT', '/taxes/other', { tax: { code: 'vat' } }))).toEqual(taken);
    expect((await caller.send('PUT', '/taxes/vat', { tax: { code: 'vat' } })).status).toBe(200);
  });

  test.each(['GET', 'PUT', 'DELETE'])('%s of one that is not there is 404', async (method) => {
    const body = method === 'PUT' ? { tax: { rate: 1 } } : undefined;
    expect(asPlain(await caller.send(method, '/taxes/none', body))).toEqual(notFound('tax'));
  });

  test.each([
    ['a character that no text may hold', 'POST', '/taxes', { tax: { ...VAT, name: 'a\u0000b' } }],
    ['half a character', 'POST', '/taxes', { tax: { ...VAT, code: '\uD800' } }],
    ['a code that is none', 'GET', '/taxes/%00', undefined],
  ])('%s is a 4xx, and nothing is stored', async (_about, method, path, body) => {
    const { status } = await caller.send(method, path, body);
    expect({ status, isRefused: status >= 400 && status < 500 }).toEqual({ status, isRefused: true });
    expect(await stored()).toEqual([]);
  });
});

/** Everything that takes `tax_codes`: how it is made with them, changed to them, and where it shows them. */
const OWNERS: readonly {
  readonly owner: string;
  readonly make: readonly [path: string, root: string, body: object];
  readonly change: readonly [method: string, path: string, root: string, body: object];
  readonly shownAt: readonly [path: string, place: string];
}[] = [
  {
    owner: 'a customer',
    make: ['/customers', 'customer', { external_id: 'c' }],
    change: ['POST', '/customers', 'customer', { external_id: 'c' }],
    shownAt: ['/customers/c', 'customer'],
  },
  {
    owner: 'a plan',
    make: ['/plans', 'plan', { name: 'P', code: 'p', interval: 'monthly', amount_cents: 1, amount_currency: 'EUR' }],
    change: ['PUT', '/plans/p', 'plan', {}],
    shownAt: ['/plans/p', 'plan'],
  },
  {
    owner: 'an add-on',
    make: ['/add_ons', 'add_on', { name: 'A', code: 'a', amount_cents: 1, amount_currency: 'EUR' }],
    change: ['PUT', '/add_ons/a', 'add_on', {}],
    shownAt: ['/add_ons/a', 'add_on'],
  },
  {
    owner: 'a billing entity',
    make: ['/billing_entities', 'billing_entity', { name: 'E', code: 'e' }],
    change: ['PUT', '/billing_entities/e', 'billing_entity', {}],
    shownAt: ['/billing_entities/e', 'billing_entity'],
  },
];

describe.each(OWNERS)('the taxes of $owner', ({ owner, make, change, shownAt }) => {
  const makeWith = (body: object = {}, by = caller) => by.send('POST', make[0], { [make[1]]: { ...make[2], ...body } });
  const changeTo = (body: object) => caller.send(change[0], change[1], { [change[2]]: { ...change[3], ...body } });
  const codes = () => codesAt(...shownAt);

  beforeEach(async () => {
    for (const code of ['a', 'b', 'C']) await made({ code });
  });

  test('are the whole set, each once; an absent key leaves them, an empty list takes them away', async () => {
    // An entity is made without, as the reference makes it.
    expect((await makeWith(owner === 'a billing entity' ? {} : { tax_codes: ['b', 'a', 'b'] })).status).toBe(200);
    if (owner === 'a billing entity') await changeTo({ tax_codes: ['b', 'a', 'b'] });
    expect(await codes()).toEqual(['a', 'b']);
    await changeTo({ name: 'Renamed' });
    expect(await codes()).toEqual(['a', 'b']);
    await changeTo({ tax_codes: ['C'] });
    expect(await codes()).toEqual(['C']);
    await changeTo({ tax_codes: [] });
    expect(await codes()).toEqual([]);
  });

  test('are gone with the tax', async () => {
    await makeWith();
    await changeTo({ tax_codes: ['a', 'b'] });
    await caller.ok('DELETE', '/taxes/a');
    expect(await codes()).toEqual(['b']);
    expect(asPlain(await changeTo({ tax_codes: ['a'] }))).toEqual(notFound('tax'));
  });

  test('are refused where one is unknown, and then nothing has changed', async () => {
    const stranger = await app.organization();
    await create({ ...VAT, code: 'theirs' }, stranger);
    await makeWith();
    await changeTo({ tax_codes: ['a'] });
    for (const unknown of ['none', 'theirs', '']) {
      const answer = await changeTo({ tax_codes: ['b', unknown], name: 'Changed' });
      expect(asPlain(answer)).toEqual(notFound('tax'));
    }
    expect(await codes()).toEqual(['a']);
    expect(at(await caller.ok('GET', shownAt[0]), `${shownAt[1]}.name`)).not.toBe('Changed');
  });

  test('are read in any case for a billing entity, as they are written for all others', async () => {
    await makeWith();
    const { status } = await changeTo({ tax_codes: ['c', 'A', 'a'] });
    const isEntity = owner === 'a billing entity';
    expect({ status, codes: (await codes()).toSorted() }).toEqual({
      status: isEntity ? 200 : 404,
      codes: isEntity ? ['C', 'a'] : [],
    });
  });

  test.each<[string, unknown, string, string]>([
    ['a text', 'a', 'tax_codes', 'value_is_invalid'],
    ['an object', { a: 1 }, 'tax_codes', 'value_is_invalid'],
    ['a number in it', [1], 'tax_codes.0', 'value_is_invalid'],
    ['nothing in it', [null], 'tax_codes.0', 'value_is_mandatory'],
    ['a long code', [LONG], 'tax_codes.0', 'value_is_too_long'],
    ['a hundred and one', Array.from({ length: 101 }, () => 'a'), 'tax_codes', 'value_is_out_of_range'],
  ])('are no list where they are %s', async (_about, tax_codes, field, code) => {
    await makeWith();
    await changeTo({ tax_codes: ['a'] });
    expect(asPlain(await changeTo({ tax_codes }))).toEqual(validationErrors({ [field]: [code] }));
    expect(await codes()).toEqual(['a']);
  });
});

test('a charge has taxes of its own, which stay when a change of the plan does not name them', async () => {
  await made();
  await made({ code: 'other' });
  const metric = await caller.ok('POST', '/billable_metrics', {
    billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' },
  });
  const charge = {
    billable_metric_id: at(metric, 'billable_metric.lago_id'),
    charge_model: 'standard',
    properties: { amount: '1' },
  };
  const plan = { name: 'P', code: 'p', interval: 'monthly', amount_cents: 1, amount_currency: 'EUR' };
  const unknown = { ...plan, charges: [{ ...charge, tax_codes: ['none'] }] };
  expect(asPlain(await caller.send('POST', '/plans', { plan: unknown }))).toEqual(notFound('tax'));
  expect((await caller.send('GET', '/plans/p')).status).toBe(404);
  const created = await caller.ok('POST', '/plans', {
    plan: { ...plan, tax_codes: ['other'], charges: [{ ...charge, tax_codes: ['vat'] }] },
  });
  expect(await codesAt('/plans/p', 'plan')).toEqual(['other']);
  expect(await codesAt('/plans/p', 'plan.charges.0')).toEqual(['vat']);
  const id = at(created, 'plan.charges.0.lago_id');
  await caller.ok('PUT', '/plans/p', { plan: { charges: [{ ...charge, id }] } });
  expect(await codesAt('/plans/p', 'plan.charges.0')).toEqual(['vat']);
  await caller.ok('PUT', '/plans/p', { plan: { charges: [{ ...charge, id, tax_codes: [] }] } });
  expect(await codesAt('/plans/p', 'plan.charges.0')).toEqual([]);
});

test('a tax is nobody else’s: neither read, changed nor deleted with the key of another organization', async () => {
  await made();
  const stranger = await app.organization();
  expect(at(await stranger.ok('GET', '/taxes'), 'meta.total_count')).toBe(0);
  for (const [method, body] of [['GET'], ['PUT', { tax: { rate: 0 } }], ['DELETE']] as const) {
    expect(asPlain(await stranger.send(method, '/taxes/vat', body))).toEqual(notFound('tax'));
  }
  expect((await create(VAT, stranger)).status).toBe(200);
  expect(await stored()).toEqual([{ code: 'vat', name: 'TVA' }]);
});
