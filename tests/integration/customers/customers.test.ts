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

let app: ListeningApp;
let caller: Caller;

beforeAll(async () => {
  app = await listeningApp();
});

beforeEach(async () => {
  caller = await app.organization({ document_number_prefix: 'ORG-1', timezone: 'Europe/Paris' });
});

afterAll(() => app.close());

const post = (customer: unknown) => caller.send('POST', '/customers', { customer });
const save = async (customer: object) => at(await caller.ok('POST', '/customers', { customer }), 'customer');
const shown = async (id = 'c1') => at(await caller.ok('GET', `/customers/${encodeURIComponent(id)}`), 'customer');

async function subscribe(customerId = 'c1'): Promise<void> {
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'p',
      code: 'p',
      interval: 'monthly',
      amount_cents: 100,
      amount_currency: 'EUR',
      pay_in_advance: false,
    },
  });
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: customerId, external_id: 's', plan_code: 'p' },
  });
}

describe('a customer', () => {
  test('lives its whole life through the official client', async () => {
    const { lago } = caller;
    const created = await lago.customers.createCustomer({
      customer: {
        external_id: 'c1',
        name: 'Acme',
        firstname: 'Ada',
        lastname: 'Byron',
        customer_type: 'company',
        country: 'FR',
        address_line1: '1 Rue Haute',
        city: 'Paris',
        zipcode: '75018',
        email: 'ada@acme.test,billing@acme.test',
        url: 'https://acme.test',
        currency: 'EUR',
        timezone: 'Asia/Tokyo',
        net_payment_term: 30,
        tax_identification_number: 'FR123',
        finalize_zero_amount_invoice: 'skip',
        skip_invoice_custom_sections: true,
        shipping_address: { city: 'Lyon', country: 'FR' },
        billing_configuration: {
          invoice_grace_period: 0,
          document_locale: 'fr',
          subscription_invoice_issuing_date_anchor: 'current_period_end',
          subscription_invoice_issuing_date_adjustment: 'keep_anchor',
        },
      },
    });
    const { customer } = created.data;
    expect(customer).toMatchObject({
      billing_entity_code: 'default',
      external_id: 'c1',
      account_type: 'customer',
      name: 'Acme',
      firstname: 'Ada',
      customer_type: 'company',
      sequential_id: 1,
      slug: 'ORG-1-001',
      country: 'FR',
      email: 'ada@acme.test,billing@acme.test',
      currency: 'EUR',
      timezone: 'Asia/Tokyo',
      applicable_timezone: 'Asia/Tokyo',
      net_payment_term: 30,
      finalize_zero_amount_invoice: 'skip',
      skip_invoice_custom_sections: true,
      shipping_address: {
        address_line1: null,
        address_line2: null,
        city: 'Lyon',
        zipcode: null,
        state: null,
        country: 'FR',
      },
      billing_configuration: {
        invoice_grace_period: 0,
        document_locale: 'fr',
        subscription_invoice_issuing_date_anchor: 'current_period_end',
        subscription_invoice_issuing_date_adjustment: 'keep_anchor',
        payment_provider: null,
        sync_with_provider: null,
      },
      metadata: [],
      taxes: [],
      integration_customers: [],
    });
    const found = await lago.customers.findCustomer('c1');
    expect(found.data.customer).toEqual(customer);
    const listed = await lago.customers.findAllCustomers();
    expect(listed.data.customers).toEqual([customer]);
    const removed = await lago.customers.destroyCustomer('c1');
    expect(removed.data.customer.lago_id).toBe(customer.lago_id);
    expect(asPlain(await caller.send('GET', '/customers/c1'))).toEqual(notFound('customer'));
  });

  test('inherits what it does not have', async () => {
    expect(await save({ external_id: 'c1' })).toMatchObject({
      account_type: 'customer',
      name: null,
      currency: null,
      timezone: null,
      applicable_timezone: 'Europe/Paris',
      net_payment_term: null,
      finalize_zero_amount_invoice: 'inherit',
      skip_invoice_custom_sections: false,
      billing_configuration: { invoice_grace_period: null, document_locale: null },
    });
  });

  test('changes only in what is given', async () => {
    await save({
      external_id: 'c1',
      name: 'Acme',
      net_payment_term: 30,
      shipping_address: { city: 'Lyon', zipcode: '69001' },
      billing_configuration: { document_locale: 'fr', invoice_grace_period: 0 },
      metadata: [{ key: 'k', value: 'v' }],
    });
    const before = await shown();
    const changed = await save({
      external_id: 'c1',
      city: 'Paris',
      net_payment_term: null,
      shipping_address: { city: 'Nice' },
      billing_configuration: { invoice_grace_period: null },
    });
    expect(changed).toMatchObject({
      lago_id: at(before, 'lago_id'),
      slug: 'ORG-1-001',
      name: 'Acme',
      city: 'Paris',
      net_payment_term: null,
      shipping_address: { city: 'Nice', zipcode: '69001' },
      billing_configuration: { document_locale: 'fr', invoice_grace_period: null },
      metadata: [{ key: 'k', value: 'v' }],
    });
    expect(await shown()).toEqual(changed);
    expect(at(await caller.ok('GET', '/customers'), 'meta.total_count')).toBe(1);
  });

  test('has any external id, URL-encoded', async () => {
    const externalId = 'acme/eu 1?x=%';
    await save({ external_id: externalId });
    expect(at(await shown(externalId), 'external_id')).toBe(externalId);
  });

  test('takes what is said about payments without a provider, and links none', async () => {
    const configuration = { sync_with_provider: true, provider_customer_id: 'cus_1', payment_provider: null };
    expect(await save({ external_id: 'c1', billing_configuration: configuration })).toMatchObject({
      billing_configuration: { payment_provider: null, provider_customer_id: null, sync_with_provider: null },
    });
  });

  test.each([
    [{ external_id: null }, { external_id: ['value_is_mandatory'] }],
    [{ external_id: ' ' }, { external_id: ['value_is_mandatory'] }],
    [{ account_type: 'reseller' }, { account_type: ['value_is_invalid'] }],
    [{ customer_type: 'robot' }, { customer_type: ['value_is_invalid'] }],
    [{ country: 'fr' }, { country: ['not_a_valid_country_code'] }],
    [{ shipping_address: { country: 'ZZ' } }, { 'shipping_address.country': ['not_a_valid_country_code'] }],
    [{ currency: 'XXX' }, { currency: ['value_is_invalid'] }],
    [{ timezone: 'Europe/Lutetia' }, { timezone: ['invalid_timezone'] }],
    [{ email: 'ada@' }, { email: ['invalid_email_format'] }],
    [{ email: 'ada@acme.test,' }, { email: ['invalid_email_format'] }],
    [{ url: 'acme' }, { url: ['url_is_invalid'] }],
    [{ url: 'javascript:alert(1)' }, { url: ['url_is_invalid'] }],
    [{ net_payment_term: -1 }, { net_payment_term: ['value_is_out_of_range'] }],
    [{ net_payment_term: 2 ** 31 }, { net_payment_term: ['value_is_out_of_range'] }],
    [{ finalize_zero_amount_invoice: 'maybe' }, { finalize_zero_amount_invoice: ['value_is_invalid'] }],
    [{ billing_configuration: { payment_provider: 'stripe' } }, { base: ['payment_provider_not_found'] }],
    [
      { billing_configuration: { document_locale: 'xx' } },
      { 'billing_configuration.document_locale': ['not_a_valid_language_code'] },
    ],
    [{ name: 'a\u0000b' }, { name: ['value_is_invalid'] }],
    [{ name: '\ud800' }, { name: ['value_is_invalid'] }],
  ])('with %j is refused', async (change, details) => {
    expect(asPlain(await post({ external_id: 'c1', ...change }))).toEqual(validationErrors(details));
    expect(at(await caller.ok('GET', '/customers'), 'meta.total_count')).toBe(0);
    await save({ external_id: 'c1', name: 'Before' });
    expect(asPlain(await post({ external_id: 'c1', ...change }))).toEqual(validationErrors(details));
    expect(await shown()).toMatchObject({ name: 'Before' });
  });

  test('with features of later versions is refused', async () => {
    expect(asPlain(await post({ external_id: 'c1', invoice_custom_section_codes: ['eu'] }))).toEqual(
      featureUnavailable('invoice_custom_section_codes'),
    );
    const integration = { integration_customers: [{ integration_type: 'xero' }] };
    expect(asPlain(await post({ external_id: 'c1', ...integration }))).toEqual(
      featureUnavailable('integration_customers'),
    );
    expect(asPlain(await post({ external_id: 'c1', tax_codes: ['vat'] }))).toEqual(notFound('tax'));
    expect(asPlain(await post({ external_id: 'c1', billing_entity_code: 'other' }))).toEqual(
      notFound('billing_entity'),
    );
    expect(at(await caller.ok('GET', '/customers'), 'meta.total_count')).toBe(0);
  });

  test('needs a root', async () => {
    expect((await caller.send('POST', '/customers', {})).status).toBe(400);
    expect((await caller.send('POST', '/customers', { customer: {} })).status).toBe(400);
  });
});

describe('creating customers at once', () => {
  test('with one external id makes one customer, and everybody is answered with it', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => post({ external_id: 'c1', name: 'Acme' })));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
    expect(new Set(answers.map(({ body }) => at(body, 'customer.lago_id'))).size).toBe(1);
    expect(await save({ external_id: 'c2' })).toMatchObject({ sequential_id: 2, slug: 'ORG-1-002' });
  });

  test('with many gives each its own number, without a gap', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `c${index}`);
    const customers = await Promise.all(ids.map((id) => save({ external_id: id })));
    const sequences = customers.map((customer) => Number(at(customer, 'sequential_id')));
    expect(sequences.toSorted((one, other) => one - other)).toEqual(ids.map((_, index) => index + 1));
  });

  test('starts at 1 in each organization', async () => {
    await save({ external_id: 'c1' });
    const other = await app.organization({ document_number_prefix: 'B' });
    const body = await other.ok('POST', '/customers', { customer: { external_id: 'c1' } });
    expect(at(body, 'customer.slug')).toBe('B-001');
  });
});

describe('metadata of a customer', () => {
  const items = async (metadata: unknown) =>
    at(await save({ external_id: 'c1', metadata: metadata as object }), 'metadata');

  test('with an id is changed, without made, and not listed deleted', async () => {
    const [first] = (await items([
      { key: 'a', value: '1', display_in_invoice: true },
      { key: 'b', value: '2' },
    ])) as object[];
    const id = textAt(first, 'lago_id');
    const after = await items([
      { id, key: 'renamed', value: '3' },
      { key: 'c', value: '4' },
    ]);
    expect(after).toEqual([
      { lago_id: id, key: 'renamed', value: '3', display_in_invoice: true, created_at: at(first, 'created_at') },
      { lago_id: expect.any(String), key: 'c', value: '4', display_in_invoice: false, created_at: expect.any(String) },
    ]);
    expect(at(await shown(), 'metadata')).toEqual(after);
    expect(await items([])).toEqual([]);
  });

  test.each([
    [[{ key: 'k' }], { metadata: ['value_is_mandatory'] }],
    [[{ value: 'v' }], { metadata: ['value_is_mandatory'] }],
    [
      [
        { key: 'k', value: '1' },
        { key: 'k', value: '2' },
      ],
      { metadata: ['value_already_exist'] },
    ],
  ])('%j is refused', async (metadata, details) => {
    expect(asPlain(await post({ external_id: 'c1', metadata }))).toEqual(validationErrors(details));
  });
});

describe('the limits of a customer', () => {
  const refused = async (change: object) => at((await post({ external_id: 'c1', ...change })).body, 'error_details');
  const pairs = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: 'v' }));

  test('are 255 characters for texts', async () => {
    expect(await refused({ external_id: 'x'.repeat(256) })).toEqual({ external_id: ['value_is_too_long'] });
    expect(await refused({ name: 'x'.repeat(256) })).toEqual({ name: ['value_is_too_long'] });
    expect((await post({ external_id: 'x'.repeat(255), name: 'x'.repeat(255) })).status).toBe(200);
  });

  test('are 5 metadata pairs, with keys of 20 and values of 100 characters', async () => {
    expect(await refused({ metadata: pairs(6) })).toEqual({ metadata: ['invalid_count'] });
    expect(await refused({ metadata: [{ key: 'k'.repeat(21), value: 'v' }] })).toEqual({
      'metadata.0.key': ['value_is_too_long'],
    });
    expect(await refused({ metadata: [{ key: 'k', value: 'v'.repeat(101) }] })).toEqual({
      'metadata.0.value': ['value_is_too_long'],
    });
    const most = [...pairs(4), { key: 'k'.repeat(20), value: 'v'.repeat(100) }];
    expect((await post({ external_id: 'c1', metadata: most })).status).toBe(200);
  });
});

describe('the account type', () => {
  test('can be changed until the first subscription, and is ignored from then on', async () => {
    expect(await save({ external_id: 'c1' })).toMatchObject({ account_type: 'customer' });
    expect(await save({ external_id: 'c1', account_type: 'partner' })).toMatchObject({ account_type: 'partner' });
    await subscribe();
    expect(await save({ external_id: 'c1', account_type: 'customer' })).toMatchObject({ account_type: 'partner' });
    await app.rows(`update subscriptions set status = 'terminated' where organization_id = $1`, [
      caller.organizationId,
    ]);
    expect(await save({ external_id: 'c1', account_type: 'customer' })).toMatchObject({ account_type: 'partner' });
  });
});

describe('a change of the time zone', () => {
  const dueAt = async () => {
    const [act] = await app.rows<{ due: string }>(
      `select due_at as due from acts where organization_id = $1 and kind = 'period' and state <> 'done'`,
      [caller.organizationId],
    );
    return new Date(act?.due ?? '');
  };

  beforeEach(async () => {
    await save({ external_id: 'c1' });
    await app.rows(`update organizations set clock_now = '2026-03-10T12:00:00Z' where id = $1`, [
      caller.organizationId,
    ]);
    await subscribe();
  });

  test('moves the end of the running period', async () => {
    // 1 April, 00:00: in Paris (summer time) 2 hours, in Tokyo 9 hours before UTC.
    expect(await dueAt()).toEqual(new Date('2026-03-31T22:00:00Z'));
    await save({ external_id: 'c1', timezone: 'Asia/Tokyo' });
    expect(await dueAt()).toEqual(new Date('2026-03-31T15:00:00Z'));
    await save({ external_id: 'c1', timezone: null });
    expect(await dueAt()).toEqual(new Date('2026-03-31T22:00:00Z'));
  });

  test('to the zone that already applies moves nothing', async () => {
    await save({ external_id: 'c1', timezone: 'Europe/Paris' });
    expect(await dueAt()).toEqual(new Date('2026-03-31T22:00:00Z'));
    expect(await shown()).toMatchObject({ timezone: 'Europe/Paris' });
  });
});

describe('a change of a customer that is being billed', () => {
  test('waits two seconds for its lock, then is refused', async () => {
    const customer = await save({ external_id: 'c1', name: 'Before' });
    const answer = await app.orm.em.fork().transactional(async (em) => {
      await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [textAt(customer, 'lago_id')]);
      return post({ external_id: 'c1', name: 'After' });
    });
    expect(asPlain(answer)).toEqual({
      status: 422,
      body: { status: 422, error: 'Unprocessable Entity', code: 'lock_acquisition_failed' },
    });
    expect(await shown()).toMatchObject({ name: 'Before' });
  });
});

describe('deleting a customer', () => {
  test('frees the external id, not the number', async () => {
    const before = await save({ external_id: 'c1' });
    await caller.ok('DELETE', '/customers/c1');
    const after = await save({ external_id: 'c1' });
    expect(at(after, 'lago_id')).not.toBe(at(before, 'lago_id'));
    expect(after).toMatchObject({ sequential_id: 2, slug: 'ORG-1-002' });
  });

  test('wants the act that ends its subscriptions, once', async () => {
    await save({ external_id: 'c1' });
    await subscribe();
    const answer = await caller.send('DELETE', '/customers/c1');
    expect(answer.headers.get('Durabill-Workflow-Id')).toBe(
      `delete-customer/${textAt(answer.body, 'customer.lago_id')}`,
    );
    expect(asPlain(await caller.send('DELETE', '/customers/c1'))).toEqual(notFound('customer'));
  });

  test('while others save it leaves one customer, old or new', async () => {
    await save({ external_id: 'c1' });
    const answers = await Promise.all([
      ...Array.from({ length: 6 }, () => post({ external_id: 'c1', name: 'Acme' })),
      caller.send('DELETE', '/customers/c1'),
      ...Array.from({ length: 6 }, () => post({ external_id: 'c1', name: 'Acme' })),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(at(await caller.ok('GET', '/customers'), 'meta.total_count')).toBeLessThanOrEqual(1);
  });
});

describe('the list of customers', () => {
  const ids = async (query: string) => {
    const { customers } = (await caller.ok('GET', `/customers?${query}`)) as { customers: { external_id: string }[] };
    return customers.map((customer) => customer.external_id).toSorted();
  };

  beforeEach(async () => {
    await save({
      external_id: 'a',
      legal_name: 'Legalname',
      country: 'FR',
      currency: 'EUR',
      state: 'IDF',
      zipcode: '75018',
    });
    await save({
      external_id: 'b',
      legal_name: 'other name',
      country: 'IT',
      currency: 'GBP',
      customer_type: 'individual',
    });
    await save({
      external_id: 'c',
      legal_name: 'Company name',
      email: 'hello_world@acme.test',
      account_type: 'partner',
      tax_identification_number: 'FR1',
      customer_type: 'company',
      metadata: [{ key: 'tier', value: 'gold' }],
    });
  });

  test.each([
    ['search_term=Company', ['c']],
    ['search_term=cOMPANY', ['c']],
    ['search_term=hello_w', ['c']],
    ['search_term=%25', []],
    ['search_term=', ['a', 'b', 'c']],
    ['external_id=b', ['b']],
    ['account_type[]=partner', ['c']],
    ['account_type=partner', ['c']],
    ['account_type[]=partner&account_type[]=customer', ['a', 'b', 'c']],
    ['customer_type=individual', ['b']],
    ['has_customer_type=true', ['b', 'c']],
    ['has_customer_type=false', ['a']],
    ['has_tax_identification_number=true', ['c']],
    ['has_tax_identification_number=false', ['a', 'b']],
    ['currencies[]=EUR&currencies[]=GBP', ['a', 'b']],
    ['countries[]=IT', ['b']],
    ['states[]=IDF', ['a']],
    ['zipcodes[]=75018', ['a']],
    ['metadata[tier]=gold', ['c']],
    ['metadata[tier]=silver', []],
    ['metadata[tier]=', ['a', 'b']],
    ['billing_entity_codes[]=default', ['a', 'b', 'c']],
    ['unknown=filter', ['a', 'b', 'c']],
    ['per_page=2', ['a', 'b']],
    ['per_page=2&page=2', ['c']],
    ['per_page=2&page=3', []],
    ['per_page=0&page=-1', ['a', 'b', 'c']],
  ])('with %s', async (query, expected) => {
    // All were created at the frozen moment, so that the ids, which grow, order them.
    expect(await ids(query)).toEqual(expected);
  });

  test.each([
    ['account_type[]=reseller', { account_type: ['value_is_invalid'] }],
    ['customer_type=robot', { customer_type: ['value_is_invalid'] }],
    ['has_customer_type=perhaps', { has_customer_type: ['value_is_invalid'] }],
    ['currencies[]=EURO', { currencies: ['value_is_invalid'] }],
    ['countries[]=ZZ', { countries: ['value_is_invalid'] }],
    ['metadata=gold', { metadata: ['value_is_invalid'] }],
  ])('refuses %s', async (query, details) => {
    expect(asPlain(await caller.send('GET', `/customers?${query}`))).toEqual(validationErrors(details));
  });

  test('of an unknown billing entity is a 404', async () => {
    expect(asPlain(await caller.send('GET', '/customers?billing_entity_codes[]=other'))).toEqual(
      notFound('billing_entity'),
    );
  });

  test('needs the same number of statements for 3 customers and for 30', async () => {
    const list = () => caller.ok('GET', '/customers');
    await list();
    const few = await app.statementsOf(list);
    for (let index = 0; index < 27; index++)
      await save({ external_id: `more-${index}`, metadata: [{ key: 'k', value: 'v' }] });
    expect(await app.statementsOf(list)).toBe(few);
    expect(few).toBeGreaterThan(0);
  });
});
