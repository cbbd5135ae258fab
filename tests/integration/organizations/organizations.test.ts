import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { asPlain, at, listeningApp, validationErrors, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;

beforeAll(async () => {
  app = await listeningApp();
});

beforeEach(async () => {
  caller = await app.organization();
});

afterAll(() => app.close());

const put = (organization: unknown) => caller.send('PUT', '/organizations', { organization });

describe('the organization', () => {
  test('can be read and changed with the official client', async () => {
    await caller.lago.organizations.updateOrganization({
      organization: {
        country: 'FR',
        default_currency: 'GBP',
        address_line1: '1 Rue Haute',
        legal_name: 'Acme SAS',
        email: 'billing@acme.test',
        net_payment_term: 30,
        document_number_prefix: 'acme-1',
        email_settings: ['invoice.finalized'],
        billing_configuration: { invoice_footer: 'Merci', document_locale: 'fr' },
      },
    });
    const shown = await caller.ok('GET', '/organizations');
    expect(shown).toMatchObject({
      organization: {
        country: 'FR',
        default_currency: 'GBP',
        address_line1: '1 Rue Haute',
        legal_name: 'Acme SAS',
        email: 'billing@acme.test',
        net_payment_term: 30,
        document_number_prefix: 'ACME-1',
        email_settings: ['invoice.finalized'],
        billing_configuration: { invoice_footer: 'Merci', document_locale: 'fr', invoice_grace_period: 0 },
      },
    });
  });

  test('changes only in what is given; null and blank take away', async () => {
    await put({ country: 'FR', city: 'Paris', net_payment_term: 30, timezone: 'Europe/Paris', slug: 'ACME' });
    const { body } = await put({ city: null, country: '' });
    expect(body).toMatchObject({
      organization: { city: null, country: null, net_payment_term: 30, timezone: 'Europe/Paris', slug: 'acme' },
    });
  });

  test('takes the settings of invoices nested or flat', async () => {
    const { body } = await put({ invoice_footer: 'flat', document_locale: 'de' });
    expect(body).toMatchObject({
      organization: { billing_configuration: { invoice_footer: 'flat', document_locale: 'de' } },
    });
    const nested = await put({ invoice_footer: 'flat', billing_configuration: { invoice_footer: 'nested' } });
    expect(nested.body).toMatchObject({
      organization: { billing_configuration: { invoice_footer: 'nested', document_locale: 'de' } },
    });
  });

  test('gives its new name to the default billing entity', async () => {
    await put({ name: 'Acme Two' });
    expect(at(await caller.ok('GET', '/organizations'), 'organization.name')).toBe('Acme Two');
    expect(
      await app.rows('select name from billing_entities where organization_id = $1', [caller.organizationId]),
    ).toEqual([{ name: 'Acme Two' }]);
  });

  test.each([
    [{ name: '' }, { name: ['value_is_mandatory'] }],
    [{ default_currency: 'eur' }, { default_currency: ['value_is_invalid'] }],
    [{ default_currency: null }, { default_currency: ['value_is_invalid'] }],
    [{ country: 'France' }, { country: ['not_a_valid_country_code'] }],
    [{ email: 'acme.test' }, { email: ['invalid_email_format'] }],
    [{ email: 'a@acme.test,b@acme.test' }, { email: ['invalid_email_format'] }],
    [{ timezone: '+02:00' }, { timezone: ['invalid_timezone'] }],
    [{ net_payment_term: 1.5 }, { net_payment_term: ['value_is_invalid'] }],
    [{ net_payment_term: '30' }, { net_payment_term: ['value_is_invalid'] }],
    [{ net_payment_term: 36_501 }, { net_payment_term: ['value_is_out_of_range'] }],
    [{ email_settings: ['invoice.created'] }, { email_settings: ['unsupported_value'] }],
    [{ document_numbering: 'never' }, { document_numbering: ['value_is_invalid'] }],
    [{ document_number_prefix: '' }, { document_number_prefix: ['value_is_too_short'] }],
    [{ document_number_prefix: '12345678901' }, { document_number_prefix: ['value_is_too_long'] }],
    [{ document_locale: 'klingon' }, { document_locale: ['not_a_valid_language_code'] }],
  ])('refuses %j', async (settings, details) => {
    const before = await caller.ok('GET', '/organizations');
    expect(asPlain(await put(settings))).toEqual(validationErrors(details));
    expect(await caller.ok('GET', '/organizations')).toEqual(before);
  });

  test('has a footer of 600 characters at most', async () => {
    expect((await put({ invoice_footer: 'x'.repeat(600) })).status).toBe(200);
    expect(asPlain(await put({ invoice_footer: 'x'.repeat(601) }))).toEqual(
      validationErrors({ invoice_footer: ['value_is_too_long'] }),
    );
  });

  test('has the taxes of the EU once it manages them, and keeps them afterwards', async () => {
    const codes = async () => ((await caller.ok('GET', '/taxes?per_page=100')) as { taxes: { code: string }[] }).taxes;
    expect(await codes()).toEqual([]);
    expect((await put({ eu_tax_management: true, country: 'FR' })).status).toBe(200);
    const generated = await codes();
    expect(generated).toContainEqual(expect.objectContaining({ code: 'lago_eu_fr_standard' }));
    expect((await put({ webhook_url: '', eu_tax_management: false })).status).toBe(200);
    expect(await codes()).toEqual(generated);
  });

  test('manages EU taxes only from within the EU', async () => {
    const refused = validationErrors({ eu_tax_management: ['org_must_be_in_eu'] });
    expect(asPlain(await put({ eu_tax_management: true }))).toEqual(refused);
    expect(asPlain(await put({ eu_tax_management: true, country: 'US' }))).toEqual(refused);
    await put({ country: 'FR' });
    expect(asPlain(await put({ eu_tax_management: true, country: null }))).toEqual(refused);
    expect(at(await caller.ok('GET', '/organizations'), 'organization')).toMatchObject({
      country: 'FR',
      eu_tax_management: false,
    });
    expect((await put({ eu_tax_management: true })).status).toBe(200);
    // Whose taxes are managed does not leave the EU.
    expect(asPlain(await put({ country: 'US' }))).toEqual(refused);
  });

  test('goes back to what it is by default where it is given null', async () => {
    const shown = async () => at(await caller.ok('GET', '/organizations'), 'organization');
    const settings = {
      timezone: 'Asia/Tokyo',
      net_payment_term: 30,
      document_number_prefix: 'X',
      slug: 'acme',
      document_locale: 'fr',
      subscription_invoice_issuing_date_anchor: 'current_period_end',
      subscription_invoice_issuing_date_adjustment: 'keep_anchor',
    };
    await put(settings);
    expect((await put(Object.fromEntries(Object.keys(settings).map((name) => [name, null])))).status).toBe(200);
    expect(await shown()).toMatchObject({
      timezone: 'UTC',
      net_payment_term: 0,
      document_number_prefix: expect.stringMatching(/^ACM-[0-9A-F]{4}$/),
      slug: null,
      billing_configuration: {
        document_locale: 'en',
        subscription_invoice_issuing_date_anchor: 'next_period_start',
        subscription_invoice_issuing_date_adjustment: 'align_with_finalization_date',
      },
    });
  });

  test('cannot be changed with a key that only reads', async () => {
    await app.rows(`update api_keys set permissions = '{"organization": ["read"]}' where organization_id = $1`, [
      caller.organizationId,
    ]);
    expect((await caller.send('GET', '/organizations')).status).toBe(200);
    expect(asPlain(await put({ city: 'X' }))).toEqual({
      status: 403,
      body: { status: 403, error: 'Forbidden', code: 'write_action_not_allowed_for_organization' },
    });
  });
});

describe('a change of the time zone', () => {
  const acts = () =>
    app.rows<{ id: string; state: string }>(
      `select id, state from acts where organization_id = $1 and kind = 'reschedule' order by id`,
      [caller.organizationId],
    );

  test('wants the act that moves running periods, and the answer names it', async () => {
    const answer = await put({ timezone: 'Asia/Tokyo' });
    const [act] = await acts();
    expect(act?.state).toBe('wanted');
    expect(answer.headers.get('Durabill-Workflow-Id')).toBe(act?.id);
    expect(app.started.at(-1)?.id).toBe(act?.id);
  });

  test('wants nothing when the zone stays', async () => {
    const answer = await put({ timezone: 'UTC', city: 'X' });
    expect(await acts()).toEqual([]);
    expect(answer.headers.get('Durabill-Workflow-Id')).toBeNull();
  });

  test('has a run of its own, also at the same frozen moment', async () => {
    await put({ timezone: 'Asia/Tokyo' });
    await put({ timezone: 'Europe/Paris' });
    expect(await acts()).toHaveLength(2);
  });
});

describe('numbering per entity', () => {
  const invoice = async (status: string, sequence: number | null, selfBilled = false) => {
    const [row] = await app.rows<{ customer: string; entity: string }>(
      'select id as customer, billing_entity_id as entity from customers where organization_id = $1',
      [caller.organizationId],
    );
    await app.rows(
      `insert into invoices (id, organization_id, customer_id, billing_entity_id, invoice_type, status, payment_status, number,
                             sequential_id, issuing_date, payment_due_date, expected_finalization_date, net_payment_term,
                             currency, timezone, timezone_data_version, self_billed, created_at, updated_at)
       values ($1, $2, $3, $4, 'subscription', $5, 'pending', 'N', $6, '2026-01-01', '2026-01-01', '2026-01-01', 0, 'EUR', 'UTC',
               'x', $7, now(), now())`,
      [randomUUID(), caller.organizationId, row?.customer, row?.entity, status, sequence, selfBilled],
    );
  };
  const sequence = async () =>
    (
      await app.rows<{ sequence: number }>(
        'select invoice_sequence as sequence from billing_entities where organization_id = $1',
        [caller.organizationId],
      )
    )[0]?.sequence;

  beforeEach(async () => {
    await caller.ok('POST', '/customers', { customer: { external_id: 'c' } });
  });

  test('goes on after the invoices that have a number and are not self-billed', async () => {
    await invoice('finalized', 1);
    await invoice('finalized', 2);
    await invoice('voided', 3);
    await invoice('draft', null);
    await invoice('finalized', 4, true);
    const { body } = await put({ document_numbering: 'per_organization' });
    expect(at(body, 'organization.document_numbering')).toBe('per_organization');
    expect(await sequence()).toBe(3);
  });

  test('never gives a number twice', async () => {
    await invoice('finalized', 1);
    await app.rows('update billing_entities set invoice_sequence = 7 where organization_id = $1', [
      caller.organizationId,
    ]);
    await put({ document_numbering: 'per_billing_entity' });
    expect(await sequence()).toBe(7);
  });

  test('counts at the switch only', async () => {
    await put({ document_numbering: 'per_organization' });
    await invoice('finalized', 1);
    await put({ document_numbering: 'per_organization' });
    expect(await sequence()).toBe(0);
    await put({ document_numbering: 'per_customer' });
    await put({ document_numbering: 'per_organization' });
    expect(await sequence()).toBe(1);
  });
});
