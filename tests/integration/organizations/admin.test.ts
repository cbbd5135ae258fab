import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ADMIN_KEY,
  asPlain,
  at,
  listeningApp,
  textAt,
  validationErrors,
  type ListeningApp,
} from '../api/listening-app.ts';

let app: ListeningApp;

beforeAll(async () => {
  app = await listeningApp();
});

afterAll(() => app.close());

const create = (organization: unknown, key = ADMIN_KEY) =>
  app.send(key, 'POST', '/admin/organizations', { organization });

describe('creating an organization', () => {
  test('gives the documented defaults and a key that works', async () => {
    const { status, body } = await create({ name: 'Acme Corp' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      organization: {
        name: 'Acme Corp',
        test_mode: false,
        default_currency: 'EUR',
        timezone: 'UTC',
        country: null,
        net_payment_term: 0,
        document_numbering: 'per_customer',
        finalize_zero_amount_invoice: true,
        eu_tax_management: false,
        email_settings: [],
        premium_integrations: [],
        billing_configuration: {
          invoice_footer: null,
          invoice_grace_period: 0,
          document_locale: 'en',
          subscription_invoice_issuing_date_anchor: 'next_period_start',
          subscription_invoice_issuing_date_adjustment: 'align_with_finalization_date',
        },
        taxes: [],
      },
    });
    expect(textAt(body, 'organization.document_number_prefix')).toMatch(/^ACM-[0-9A-F]{4}$/);
    expect(textAt(body, 'organization.slug')).toMatch(/^acme-corp-[0-9a-f]{4}$/);
    const key = textAt(body, 'organization.api_key');
    const shown = await app.send(key, 'GET', '/api/v1/organizations');
    expect(at(shown.body, 'organization.lago_id')).toBe(at(body, 'organization.lago_id'));
    expect(at(shown.body, 'organization.api_key')).toBeUndefined();
  });

  test('stores of the key only its hash', async () => {
    const { body } = await create({ name: 'Hashed' });
    const key = textAt(body, 'organization.api_key');
    const id = textAt(body, 'organization.lago_id');
    const [row] = await app.rows<{ sha256: string; row: string }>(
      'select sha256, api_keys::text as row from api_keys where organization_id = $1',
      [id],
    );
    expect(row?.sha256).toBe(createHash('sha256').update(key).digest('hex'));
    expect(row?.row).not.toContain(key);
  });

  test('takes every setting of a conformance story', async () => {
    const { body } = await create({
      name: 'Story',
      test_mode: true,
      default_currency: 'USD',
      timezone: 'America/Bogota',
      country: 'FR',
      net_payment_term: 10,
      invoice_grace_period: 0,
      document_number_prefix: 'org-1',
      document_numbering: 'per_organization',
      eu_tax_management: false,
      finalize_zero_amount_invoice: false,
      premium_integrations: ['progressive_billing', 'lifetime_usage'],
    });
    const shown = await app.send(textAt(body, 'organization.api_key'), 'GET', '/api/v1/organizations');
    expect(shown.body).toMatchObject({
      organization: {
        default_currency: 'USD',
        timezone: 'America/Bogota',
        country: 'FR',
        net_payment_term: 10,
        document_number_prefix: 'ORG-1',
        document_numbering: 'per_organization',
        finalize_zero_amount_invoice: false,
        premium_integrations: ['progressive_billing', 'lifetime_usage'],
        test_mode: true,
      },
    });
  });

  test('makes one default billing entity, whose lists are lists in the database too', async () => {
    const { body } = await create({ name: 'Entity' });
    const entities = await app.rows(
      'select code, name, is_default, jsonb_typeof(email_settings) as emails from billing_entities where organization_id = $1',
      [textAt(body, 'organization.lago_id')],
    );
    expect(entities).toEqual([{ code: 'default', name: 'Entity', is_default: true, emails: 'array' }]);
  });
});

describe('the clock of a new organization', () => {
  test('stands still in test mode, at a whole millisecond', async () => {
    const caller = await app.organization();
    const clock = () =>
      app.rows<{ now: string }>('select clock_now as now from organizations where id = $1', [caller.organizationId]);
    const [before] = await clock();
    await caller.ok('POST', '/customers', { customer: { external_id: 'first' } });
    await caller.ok('POST', '/customers', { customer: { external_id: 'second' } });
    const [after] = await clock();
    expect(after).toEqual(before);
    expect(before?.now).not.toMatch(/\.\d{4,}/);
    const created = await app.rows<{ at: string }>(
      'select distinct created_at as at from customers where organization_id = $1',
      [caller.organizationId],
    );
    expect(created).toEqual([{ at: before?.now }]);
  });

  test('is real time otherwise', async () => {
    const caller = await app.organization({ test_mode: false });
    expect(await app.rows('select clock_now from organizations where id = $1', [caller.organizationId])).toEqual([
      { clock_now: null },
    ]);
  });
});

describe('a creation', () => {
  test('within the EU has the taxes of EU tax management, if it asks for them', async () => {
    const { body } = await create({ name: 'X', eu_tax_management: true, country: 'FR' });
    expect(at(body, 'organization')).toMatchObject({ eu_tax_management: true });
    const { body: taxes } = await app.send(textAt(body, 'organization.api_key'), 'GET', '/api/v1/taxes?per_page=100');
    expect(at(taxes, 'taxes')).toContainEqual(expect.objectContaining({ code: 'lago_eu_fr_standard', rate: 20 }));
  });
});

describe('a refused creation', () => {
  const stored = async () =>
    Number((await app.rows<{ count: string }>('select count(*) from organizations'))[0]?.count);

  test('without the admin key is a 401', async () => {
    const caller = await app.organization();
    expect(asPlain(await create({ name: 'X' }, 'wrong'))).toEqual({
      status: 401,
      body: { status: 401, error: 'Unauthorized' },
    });
    expect((await create({ name: 'X' }, caller.key)).status).toBe(401);
  });

  test('without a root is a 400', async () => {
    expect((await app.send(ADMIN_KEY, 'POST', '/admin/organizations', {})).status).toBe(400);
    expect((await create({})).status).toBe(400);
    expect((await app.send(ADMIN_KEY, 'POST', '/admin/organizations', '{"organization":')).status).toBe(400);
  });

  test.each([
    [{ test_mode: true }, { name: ['value_is_mandatory'] }],
    [{ name: ' ' }, { name: ['value_is_mandatory'] }],
    [{ name: 'X', default_currency: 'EURO' }, { default_currency: ['value_is_invalid'] }],
    [{ name: 'X', timezone: 'Europe/Atlantis' }, { timezone: ['invalid_timezone'] }],
    [{ name: 'X', country: 'XX' }, { country: ['not_a_valid_country_code'] }],
    [{ name: 'X', net_payment_term: -1 }, { net_payment_term: ['value_is_out_of_range'] }],
    [{ name: 'X', net_payment_term: 3_000_000_000 }, { net_payment_term: ['value_is_out_of_range'] }],
    [{ name: 'X', document_numbering: 'per_year' }, { document_numbering: ['value_is_invalid'] }],
    [{ name: 'X', premium_integrations: 'all' }, { premium_integrations: ['value_is_invalid'] }],
  ])('with %j is a 422', async (settings, details) => {
    const before = await stored();
    expect(asPlain(await create(settings))).toEqual(validationErrors(details));
    expect(await stored()).toBe(before);
  });
});
