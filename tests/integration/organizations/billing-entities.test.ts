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
  caller = await app.organization({
    default_currency: 'GBP',
    timezone: 'Europe/Paris',
    document_number_prefix: 'ORG-1',
  });
});

afterAll(() => app.close());

const post = (entity: object) => caller.send('POST', '/billing_entities', { billing_entity: entity });
const put = (entity: object, code = 'second') =>
  caller.send('PUT', `/billing_entities/${encodeURIComponent(code)}`, { billing_entity: entity });
const create = async (entity: object = {}) =>
  at(
    await caller.ok('POST', '/billing_entities', { billing_entity: { code: 'second', name: 'Second', ...entity } }),
    'billing_entity',
  );
const shown = async (code = 'second') => at(await caller.ok('GET', `/billing_entities/${code}`), 'billing_entity');
const codes = async () =>
  (at(await caller.ok('GET', '/billing_entities'), 'billing_entities') as { code: string }[]).map(({ code }) => code);

const png = (bytes: number): string => {
  const image = Buffer.alloc(bytes);
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).copy(image);
  return `data:image/png;base64,${image.toString('base64')}`;
};

describe('a billing entity', () => {
  test('lives through the official client', async () => {
    const { billingEntities } = caller.lago;
    const settings = {
      default_currency: 'USD' as const,
      document_numbering: 'per_billing_entity' as const,
      document_number_prefix: 'sec-1',
      finalize_zero_amount_invoice: false,
      net_payment_term: 30,
      address_line1: '1 High Street',
      address_line2: 'Suite 2',
      city: 'Dublin',
      state: 'Leinster',
      zipcode: 'D02',
      country: 'IE' as const,
      email: 'second@acme.test',
      phone: '+353 1',
      legal_name: 'Acme Ltd',
      legal_number: '123',
      tax_identification_number: 'IE123',
      timezone: 'Europe/Dublin' as never,
      email_settings: ['invoice.finalized' as const, 'credit_note.created' as const],
      eu_tax_management: false,
      einvoicing: true,
      logo: png(64),
    };
    const created = await billingEntities.createBillingEntity({
      billing_entity: {
        code: 'second',
        name: 'Second',
        ...settings,
        billing_configuration: {
          invoice_footer: 'Thanks',
          document_locale: 'fr',
          invoice_grace_period: 0,
          subscription_invoice_issuing_date_anchor: 'current_period_end',
          subscription_invoice_issuing_date_adjustment: 'keep_anchor',
        },
      },
    });
    const { logo, ...stored } = settings;
    const entity = created.data.billing_entity;
    expect(entity).toEqual({
      ...stored,
      lago_id: expect.any(String),
      code: 'second',
      name: 'Second',
      document_number_prefix: 'SEC-1',
      is_default: false,
      logo_url: logo,
      invoice_footer: 'Thanks',
      document_locale: 'fr',
      invoice_grace_period: 0,
      subscription_invoice_issuing_date_anchor: 'current_period_end',
      subscription_invoice_issuing_date_adjustment: 'keep_anchor',
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    const found = await billingEntities.getBillingEntity('second');
    expect(found.data.billing_entity).toEqual({ ...entity, taxes: [], selected_invoice_custom_sections: [] });
    const listed = await caller.ok('GET', '/billing_entities');
    expect(Object.keys(listed as object)).toEqual(['billing_entities']);
    expect(at(listed, 'billing_entities')).toContainEqual(entity);
    const updated = await billingEntities.updateBillingEntity('second', {
      billing_entity: { name: 'Renamed', logo: null, tax_codes: [], invoice_custom_section_codes: [] },
    });
    expect(updated.data.billing_entity).toMatchObject({
      ...stored,
      document_number_prefix: 'SEC-1',
      name: 'Renamed',
      logo_url: null,
    });
  });

  test('has defaults, and the currency of the default one', async () => {
    expect(await create()).toMatchObject({
      default_currency: 'GBP',
      timezone: 'UTC',
      net_payment_term: 0,
      email_settings: [],
      document_numbering: 'per_customer',
      document_number_prefix: expect.stringMatching(/^SEC-[0-9A-F]{4}$/),
      finalize_zero_amount_invoice: true,
      invoice_footer: null,
      invoice_grace_period: 0,
      document_locale: 'en',
      subscription_invoice_issuing_date_anchor: 'next_period_start',
      subscription_invoice_issuing_date_adjustment: 'align_with_finalization_date',
      einvoicing: false,
      eu_tax_management: false,
      is_default: false,
      logo_url: null,
      country: null,
    });
    expect(await codes()).toEqual(expect.arrayContaining(['default', 'second']));
    expect(await shown('default')).toMatchObject({ is_default: true, default_currency: 'GBP' });
  });

  test('takes settings of invoices flat or nested; the nested ones win', async () => {
    await create({ invoice_footer: 'flat', document_locale: 'de' });
    expect(await shown()).toMatchObject({ invoice_footer: 'flat', document_locale: 'de' });
    await put({ invoice_footer: 'flat', billing_configuration: { invoice_footer: 'nested' } });
    expect(await shown()).toMatchObject({ invoice_footer: 'nested', document_locale: 'de' });
  });

  test('changes only in what is given, and never its code, its organization or whether it is the default', async () => {
    const before = await create({ city: 'Paris', net_payment_term: 7 });
    const { body } = await put({ code: 'third', is_default: true, city: null });
    expect(at(body, 'billing_entity')).toMatchObject({ ...(before as object), city: null });
    expect(await codes()).not.toContain('third');
  });

  test('has any code, URL-encoded', async () => {
    await create({ code: 'acme/fr 1.0' });
    expect((await put({ city: 'Paris' }, 'acme/fr 1.0')).status).toBe(200);
    expect(await shown(encodeURIComponent('acme/fr 1.0'))).toMatchObject({ code: 'acme/fr 1.0', city: 'Paris' });
  });

  test.each([
    [{ name: null }, { name: ['value_is_mandatory'] }],
    [{ name: ' ' }, { name: ['value_is_mandatory'] }],
    [{ name: 'x'.repeat(256) }, { name: ['value_is_too_long'] }],
    [{ default_currency: 'XXX' }, { default_currency: ['value_is_invalid'] }],
    [{ country: 'fr' }, { country: ['not_a_valid_country_code'] }],
    [{ email: 'acme' }, { email: ['invalid_email_format'] }],
    [{ timezone: 'Europe/Lutetia' }, { timezone: ['invalid_timezone'] }],
    [{ net_payment_term: -1 }, { net_payment_term: ['value_is_out_of_range'] }],
    [{ email_settings: ['invoice.created'] }, { email_settings: ['unsupported_value'] }],
    [{ document_numbering: 'per_organization' }, { document_numbering: ['value_is_invalid'] }],
    [{ document_number_prefix: '' }, { document_number_prefix: ['value_is_too_short'] }],
    [{ document_number_prefix: '12345678901' }, { document_number_prefix: ['value_is_too_long'] }],
    [{ invoice_footer: 'x'.repeat(601) }, { invoice_footer: ['value_is_too_long'] }],
    [
      { billing_configuration: { document_locale: 'xx' } },
      { 'billing_configuration.document_locale': ['not_a_valid_language_code'] },
    ],
    [{ einvoicing: 'yes' }, { einvoicing: ['value_is_invalid'] }],
    [{ eu_tax_management: true, country: 'US' }, { eu_tax_management: ['billing_entity_must_be_in_eu'] }],
    [{ eu_tax_management: true }, { eu_tax_management: ['billing_entity_must_be_in_eu'] }],
    [{ logo: 'https://acme.test/logo.png' }, { logo: ['invalid_content_type'] }],
    [{ logo: 'data:image/gif;base64,R0lGODlh' }, { logo: ['invalid_content_type'] }],
    [{ logo: 'data:image/png;base64,R0lGODlh' }, { logo: ['invalid_content_type'] }],
    [{ logo: png(256 * 1024 + 1) }, { logo: ['invalid_size'] }],
    [{ logo: 'x'.repeat(400_000) }, { logo: ['invalid_size'] }],
    [{ phone: 'a\u0000b' }, { phone: ['value_is_invalid'] }],
  ])('with %j is refused', async (change, details) => {
    expect(asPlain(await post({ code: 'second', name: 'Second', ...change }))).toEqual(validationErrors(details));
    expect(await codes()).toEqual(['default']);
    const before = await create();
    expect(asPlain(await put(change))).toEqual(validationErrors(details));
    expect(await shown()).toMatchObject(before as object);
  });

  test('needs a code that nobody has', async () => {
    expect(asPlain(await post({ name: 'Second' }))).toEqual(validationErrors({ code: ['value_is_mandatory'] }));
    await create();
    const taken = validationErrors({ code: ['value_already_exist'] });
    expect(asPlain(await post({ code: 'second', name: 'Again' }))).toEqual(taken);
    expect(asPlain(await post({ code: 'default', name: 'Again' }))).toEqual(taken);
    expect(
      (
        await (
          await app.organization()
        ).send('POST', '/billing_entities', { billing_entity: { code: 'second', name: 'S' } })
      ).status,
    ).toBe(200);
  });

  test('is made once by many at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => post({ code: 'second', name: 'Second' })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status !== 200).map(asPlain);
    expect(refused).toEqual(refused.map(() => validationErrors({ code: ['value_already_exist'] })));
    expect(await codes()).toHaveLength(2);
  });

  describe('has a prefix of its numbers', () => {
    const taken = validationErrors({ document_number_prefix: ['value_already_exist'] });

    test('that no other entity has: neither when it is made nor when it is changed, by either endpoint', async () => {
      expect(asPlain(await post({ code: 'second', name: 'Second', document_number_prefix: ' org-1 ' }))).toEqual(taken);
      expect(await codes()).toEqual(['default']);
      await create({ document_number_prefix: 'SEC' });
      expect(asPlain(await put({ name: 'Changed', document_number_prefix: 'Org-1' }))).toEqual(taken);
      expect(await shown()).toMatchObject({ name: 'Second', document_number_prefix: 'SEC' });
      const organization = { city: 'Lyon', document_number_prefix: 'sec' };
      expect(asPlain(await caller.send('PUT', '/organizations', { organization }))).toEqual(taken);
      expect(await shown('default')).toMatchObject({ city: null, document_number_prefix: 'ORG-1' });
      // Its own is no change.
      expect((await put({ document_number_prefix: 'sec' })).status).toBe(200);
      const elsewhere = await app.organization({ document_number_prefix: 'ORG-1' });
      expect(elsewhere.organizationId).not.toBe(caller.organizationId);
    });

    test('which one of many at once may take, be they made or changed', async () => {
      for (const code of ['a', 'b', 'c', 'd']) await post({ code, name: code });
      const same = { document_number_prefix: 'SAME' };
      const answers = await Promise.all([
        ...['a', 'b', 'c', 'd'].map((code) => put(same, code)),
        ...['e', 'f', 'g', 'h'].map((code) => post({ code, name: code, ...same })),
      ]);
      const refused = answers.filter(({ status }) => status !== 200).map(asPlain);
      expect(refused).toHaveLength(7);
      expect(refused).toEqual(refused.map(() => taken));
    });

    test('which no default repeats, however alike names and ids are', async () => {
      await create();
      const own = textAt(await shown(), 'document_number_prefix');
      await put({ document_number_prefix: own }, 'default');
      expect((await put({ document_number_prefix: 'SEC' })).status).toBe(200);
      expect((await put({ document_number_prefix: own }, 'default')).status).toBe(200);
      expect((await put({ document_number_prefix: null })).status).toBe(200);
      const other = textAt(await shown(), 'document_number_prefix');
      expect(other).toMatch(/^SEC-[0-9A-F]{5}$/);
      expect(other.endsWith(own.slice(-4))).toBe(true);
    });

    test('that stays its own after a change, once it has given numbers', async () => {
      const acts = actsByHand(app.orm, caller.organizationId);
      await acts.run('2026-01-10T12:00:00Z');
      await caller.ok('POST', '/plans', {
        plan: {
          name: 'p',
          code: 'p',
          interval: 'monthly',
          amount_cents: 100,
          amount_currency: 'EUR',
          pay_in_advance: true,
        },
      });
      await create({ document_number_prefix: 'SEC' });
      await caller.ok('POST', '/subscriptions', {
        subscription: { external_customer_id: 'c1', external_id: 's', plan_code: 'p' },
      });
      await acts.run('2026-01-10T12:00:00Z');
      expect(at(await caller.ok('GET', '/invoices'), 'invoices.0.number')).toBe('ORG-1-001-001');
      expect((await put({ document_number_prefix: 'NEW' }, 'default')).status).toBe(200);
      expect(asPlain(await put({ document_number_prefix: 'ORG-1' }))).toEqual(taken);
      // The second has given none: its prefix is free once it has another.
      expect((await put({ document_number_prefix: 'OTHER' })).status).toBe(200);
      expect((await put({ document_number_prefix: 'SEC' }, 'default')).status).toBe(200);
      expect((await put({ document_number_prefix: 'ORG-1' }, 'default')).status).toBe(200);
    });
  });

  test('has at most ninety-nine beside it', async () => {
    await app.rows(
      `insert into billing_entities (id, organization_id, code, name, default_currency, document_number_prefix, created_at, updated_at)
       select gen_random_uuid(), $1, 'e' || n, 'E', 'EUR', 'E' || n, now(), now() from generate_series(1, 98) n`,
      [caller.organizationId],
    );
    await create();
    expect(asPlain(await post({ code: 'third', name: 'Third' }))).toEqual(featureUnavailable());
  });

  test('with features of later versions is refused', async () => {
    await create({ country: 'IE' });
    for (const send of [put, (change: object) => post({ code: 'third', name: 'Third', country: 'IE', ...change })]) {
      expect(asPlain(await send({ tax_codes: ['vat'] }))).toEqual(notFound('tax'));
      expect(asPlain(await send({ invoice_custom_section_codes: ['s'] }))).toEqual(
        featureUnavailable('invoice_custom_section_codes'),
      );
    }
    expect(await codes()).not.toContain('third');
  });

  test('needs a root and a key that may', async () => {
    expect((await caller.send('POST', '/billing_entities', {})).status).toBe(400);
    expect((await put({})).status).toBe(400);
    expect(asPlain(await put({ city: 'X' }, 'unknown'))).toEqual(notFound('billing_entity'));
    await app.rows(`update api_keys set permissions = '{"billing_entity": ["read"]}' where organization_id = $1`, [
      caller.organizationId,
    ]);
    expect(await codes()).toEqual(['default']);
    expect(asPlain(await post({ code: 'second', name: 'Second' }))).toEqual({
      status: 403,
      body: { status: 403, error: 'Forbidden', code: 'write_action_not_allowed_for_billing_entity' },
    });
  });

  test('that is the default one is the organization, too', async () => {
    await put({ city: 'Lyon', document_numbering: 'per_billing_entity' }, 'default');
    expect(at(await caller.ok('GET', '/organizations'), 'organization')).toMatchObject({
      city: 'Lyon',
      document_numbering: 'per_organization',
    });
    await caller.ok('PUT', '/organizations', { organization: { city: 'Nice', document_numbering: 'per_customer' } });
    expect(await shown('default')).toMatchObject({ city: 'Nice', document_numbering: 'per_customer' });
  });
});

describe('several entities in one organization', () => {
  const save = (customer: object) => caller.ok('POST', '/customers', { customer });
  const subscribe = (attributes: object) =>
    caller.ok('POST', '/subscriptions', { subscription: { plan_code: 'p', ...attributes } });
  const dueAt = async (subscription: string) => {
    const [act] = await app.rows<{ due: string }>(
      `select acts.due_at as due from acts join subscriptions on subscriptions.id = acts.subscription_id
       where acts.organization_id = $1 and subscriptions.external_id = $2 and kind = 'period' and state <> 'done'`,
      [caller.organizationId, subscription],
    );
    return new Date(act?.due ?? '').toISOString();
  };
  const reschedules = async () =>
    (
      await app.rows<{ code: string }>(
        `select billing_entities.code from acts join billing_entities on billing_entities.id::text = acts.argument->>'billingEntityId'
         where acts.organization_id = $1 and kind = 'reschedule'`,
        [caller.organizationId],
      )
    ).map(({ code }) => code);

  beforeEach(async () => {
    await app.rows(`update organizations set clock_now = '2026-03-10T12:00:00Z' where id = $1`, [
      caller.organizationId,
    ]);
    await create({ timezone: 'Asia/Tokyo', document_number_prefix: 'SEC' });
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
  });

  test('have customers of their own, in their time zones', async () => {
    const { customer } = (await save({ external_id: 'c2', billing_entity_code: 'second' })) as { customer: unknown };
    expect(customer).toMatchObject({
      billing_entity_code: 'second',
      applicable_timezone: 'Asia/Tokyo',
      slug: 'SEC-001',
    });
    expect(at(await save({ external_id: 'c1', billing_entity_code: '' }), 'customer')).toMatchObject({
      billing_entity_code: 'default',
      applicable_timezone: 'Europe/Paris',
    });
    expect(at(await save({ external_id: 'c2', name: 'Named' }), 'customer.billing_entity_code')).toBe('second');
    expect(
      asPlain(
        await caller.send('POST', '/customers', { customer: { external_id: 'c1', billing_entity_code: 'third' } }),
      ),
    ).toEqual(notFound('billing_entity'));
  });

  test('have subscriptions of other entities’ customers, in the customers’ zones', async () => {
    await save({ external_id: 'c1' });
    await subscribe({ external_customer_id: 'c1', external_id: 's', billing_entity_code: 'second' });
    expect(await dueAt('s')).toBe('2026-03-31T22:00:00.000Z');
  });

  test('give their zone to a customer that moves to them', async () => {
    await save({ external_id: 'c1' });
    await subscribe({ external_customer_id: 'c1', external_id: 's' });
    await save({ external_id: 'c1', billing_entity_code: 'second' });
    expect(await dueAt('s')).toBe('2026-03-31T15:00:00.000Z');
    await save({ external_id: 'c1', billing_entity_code: 'default' });
    expect(await dueAt('s')).toBe('2026-03-31T22:00:00.000Z');
  });

  test('move their running periods each for itself', async () => {
    const answer = await put({ timezone: 'America/New_York' });
    expect(await reschedules()).toEqual(['second']);
    expect(answer.headers.get('Durabill-Workflow-Id')).toMatch(/^reschedule\//);
    await put({ timezone: 'America/New_York', city: 'X' });
    expect(await reschedules()).toEqual(['second']);
    await put({ timezone: 'UTC' }, 'default');
    expect((await reschedules()).toSorted()).toEqual(['default', 'second']);
  });

  test.each([
    ['/customers', 'customers', 'external_id'],
    ['/subscriptions', 'subscriptions', 'external_id'],
  ])('filter %s', async (path, root, key) => {
    await save({ external_id: 'one' });
    await save({ external_id: 'two', billing_entity_code: 'second' });
    await subscribe({ external_customer_id: 'one', external_id: 'one' });
    await subscribe({ external_customer_id: 'two', external_id: 'two' });
    const ids = async (query: string) =>
      (at(await caller.ok('GET', `${path}?${query}`), root) as Record<string, string>[])
        .map((row) => row[key] ?? '')
        .toSorted((one, other) => (one < other ? -1 : 1));
    expect(await ids('billing_entity_codes[]=second')).toEqual(['two']);
    expect(await ids('billing_entity_codes[]=second&billing_entity_codes[]=default')).toEqual(['one', 'two']);
    expect(await ids('billing_entity_codes[]=second&billing_entity_codes[]=second')).toEqual(['two']);
    expect(asPlain(await caller.send('GET', `${path}?billing_entity_codes[]=third`))).toEqual(
      notFound('billing_entity'),
    );
  });
});
