// Filters of exports of credit notes (docs/spec/api.md 5.1): each selects and orders what the list of the same filter
// does.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { listeningApp, asPlain, notFound, validationErrors, type ListeningApp } from '../api/listening-app.ts';
import { exportingOrganization, type ExportingOrganization } from './exporting-organization.ts';

const NOTES = 47;

let app: ListeningApp;
let organization: ExportingOrganization;

beforeAll(async () => {
  app = await listeningApp();
  organization = await exportingOrganization(app);
  await fill(organization);
});
afterAll(() => app.close());

/** Notes of every kind that a filter tells apart, some of them made in the same moment, each with two items. */
async function fill(caller: ExportingOrganization): Promise<void> {
  await caller.ok('POST', '/billing_entities', { billing_entity: { name: 'Second', code: 'second' } });
  await caller.ok('POST', '/add_ons', {
    add_on: { name: 'Setup', code: 'setup', amount_cents: 1000, amount_currency: 'EUR' },
  });
  for (const external_id of ['acme', 'bolt']) {
    await caller.ok('POST', '/customers', {
      customer: { external_id, name: `Customer ${external_id}`, currency: 'EUR' },
    });
  }
  await app.rows(
    `with invoiced as (
       insert into invoices (id, organization_id, customer_id, billing_entity_id, invoice_type, status, payment_status,
         number, sequential_id, issuing_date, payment_due_date, expected_finalization_date, net_payment_term, currency,
         timezone, timezone_data_version, total_amount_cents, self_billed, purchase_order_number, created_at,
         updated_at)
       select gen_random_uuid(), $1, customer.id, entity.id, 'one_off', 'finalized', 'pending', 'GOLD-' || i, i,
         '2024-01-01', '2024-04-01', '2024-01-01', 0, 'EUR', 'UTC', 'x', 10000, i % 6 = 0,
         case when i % 8 = 0 then 'Po-8' end, now(), now()
       from generate_series(1, $2::int) i
         join customers customer on customer.organization_id = $1
           and customer.external_id = (array['acme', 'bolt'])[1 + i % 2]
         join billing_entities entity on entity.organization_id = $1 and entity.is_default = (i % 3 > 0)
       returning id, organization_id, customer_id, sequential_id as i),
     noted as (
       insert into credit_notes (id, organization_id, customer_id, invoice_id, sequential_id, number, status,
         credit_status, refund_status, reason, currency, issuing_date, credit_amount_cents, refund_amount_cents,
         offset_amount_cents, total_amount_cents, balance_amount_cents, sub_total_excluding_taxes_amount_cents,
         coupons_adjustment_amount_cents, precise_coupons_adjustment_amount_cents, taxes_amount_cents,
         precise_taxes_amount_cents, taxes_rate, created_at, updated_at)
       select gen_random_uuid(), organization_id, customer_id, id, 1, 'GOLD-' || i || '-CN-001',
         case when i % 11 = 0 then 'draft' else 'finalized' end,
         (array['available', 'consumed', 'voided', null])[1 + i % 4],
         (array['pending', 'succeeded', 'failed', null])[1 + i / 4 % 4],
         (array['other', 'order_change', 'duplicated_charge'])[1 + i % 3], (array['EUR', 'USD'])[1 + i / 5 % 2],
         date '2024-01-01' + i % 40, i * 100 * (i % 3 = 0)::int, i * 100 * (i % 3 = 1)::int, i * 100 * (i % 3 = 2)::int,
         i * 100, 0, i * 100, 0, 0, 0, 0, 0, timestamptz '2024-02-01' + make_interval(mins => i % 4), now()
       from invoiced returning id, organization_id, total_amount_cents, currency, invoice_id, customer_id),
     billed as (
       insert into fees (id, organization_id, billing_entity_id, customer_id, invoice_id, fee_type, add_on_id, position,
         amount_cents, amount_currency, precise_amount_cents, units, unit_amount_cents, precise_unit_amount,
         created_at, updated_at)
       select gen_random_uuid(), $1, entity.id, customer_id, invoice_id, 'add_on', add_on.id, place,
         total_amount_cents, currency, total_amount_cents, 1, total_amount_cents, total_amount_cents / 100, now(), now()
       from noted join billing_entities entity on entity.organization_id = $1 and entity.is_default
         join add_ons add_on on add_on.organization_id = $1, generate_series(1, 2) place
       returning id, invoice_id)
     insert into credit_note_items (id, organization_id, credit_note_id, fee_id, amount_cents, precise_amount_cents,
       amount_currency, created_at)
     select gen_random_uuid(), organization_id, noted.id, billed.id, total_amount_cents / 2, total_amount_cents / 2,
       currency, now()
     from noted join billed using (invoice_id)`,
    [caller.organizationId, NOTES],
  );
}

const column = (text: string, name: string): string[] =>
  parse<Record<string, string>>(text, { columns: true }).map((row) => row[name]!);

/** Each with the query of the list that says the same. */
const FILTERS: readonly (readonly [filters: Readonly<Record<string, unknown>>, query: string])[] = [
  [{}, ''],
  [{ reason: ['other', 'order_change'] }, 'reason[]=other&reason[]=order_change'],
  [{ 'reason[]': 'other' }, 'reason=other'],
  [{ credit_status: ['available', 'voided'] }, 'credit_status[]=available&credit_status[]=voided'],
  [{ refund_status: ['failed'] }, 'refund_status[]=failed'],
  [{ types: ['credit', 'refund'] }, 'types[]=credit&types[]=refund'],
  [{ types: 'offset' }, 'types[]=offset'],
  [{ currency: 'USD' }, 'currency=USD'],
  [{ amount_from: 500, amount_to: '2000' }, 'amount_from=500&amount_to=2000'],
  [
    { issuing_date_from: '2024-01-10', issuing_date_to: '2024-01-20' },
    'issuing_date_from=2024-01-10&issuing_date_to=2024-01-20',
  ],
  [{ invoice_number: 'GOLD-12' }, 'invoice_number=GOLD-12'],
  [{ purchase_order_number: 'PO-8' }, 'purchase_order_number=PO-8'],
  [{ self_billed: true }, 'self_billed=true'],
  [{ self_billed: 'false' }, 'self_billed=false'],
  [{ billing_entity_codes: ['second'] }, 'billing_entity_codes[]=second'],
  [{ external_customer_id: 'bolt' }, 'external_customer_id=bolt'],
  [{ search_term: 'GOLD-1' }, 'search_term=GOLD-1'],
];

test.each(FILTERS)('%j selects and orders what the list does', async (filters, query) => {
  const listed = (await organization.ok('GET', `/credit_notes?per_page=1000&${query}`)) as any;
  const ids = listed.credit_notes.map((note: any) => note.lago_id);
  expect(ids.length).toBeGreaterThan(0);
  const notes = await organization.exported({ resource_type: 'credit_notes', filters });
  expect(column(await organization.downloaded(notes), 'lago_id')).toEqual(ids);
  expect((await organization.shown(notes)).filters).toEqual(filters);
  const items = await organization.exported({ resource_type: 'credit_note_items', filters });
  expect(column(await organization.downloaded(items), 'credit_note_item_lago_id')).toEqual(
    listed.credit_notes.flatMap((note: any) => note.items.map((item: any) => item.lago_id).toSorted()),
  );
});

test('draft notes are not there', async () => {
  const notes = await organization.exported({ resource_type: 'credit_notes' });
  expect((await organization.shown(notes)).rows_count).toBe(NOTES - Math.floor(NOTES / 11));
});

test.each([
  [{ reason: ['boredom'] }, 'reason'],
  [{ types: ['gift'] }, 'types'],
  [{ amount_from: 1.5 }, 'amount_from'],
  // Of invoices alone.
  [{ payment_status: ['failed'] }, 'payment_status'],
  [{ page: 2 }, 'page'],
])('%j is refused on its name', async (filters, name) => {
  const data_export = { resource_type: 'credit_note_items', filters };
  expect(asPlain(await organization.send('POST', '/data_exports', { data_export }))).toEqual(
    validationErrors({ [`filters.${name}`]: ['value_is_invalid'] }),
  );
});

test('an unknown billing entity is not found', async () => {
  const data_export = { resource_type: 'credit_notes', filters: { billing_entity_codes: ['third'] } };
  expect(asPlain(await organization.send('POST', '/data_exports', { data_export }))).toEqual(
    notFound('billing_entity'),
  );
});
