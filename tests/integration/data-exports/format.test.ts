// What is in the files (docs/spec/api.md 5.3; S068 to S073): golden files, read back by two readers that are not ours.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import Papa from 'papaparse';
import { RESOURCE_TYPES } from '../../../billing/data-exports/data-export.ts';
import { listeningApp, type ListeningApp } from '../api/listening-app.ts';
import { exportingOrganization, type ExportingOrganization } from './exporting-organization.ts';

const AWKWARD = 'Café "Zoë", Inc.\nsecond line; =1+1';

let app: ListeningApp;
let organization: ExportingOrganization;

beforeAll(async () => {
  app = await listeningApp();
  organization = await exportingOrganization(app, { premium_integrations: ['progressive_billing'] });
  await fill(organization);
});
afterAll(() => app.close());

/** An invoice with three fees and one of another customer, with every kind of text that a reader may stumble over. */
async function fill(caller: ExportingOrganization): Promise<void> {
  await caller.ok('POST', '/billing_entities', { billing_entity: { name: 'Second', code: '=second' } });
  for (const [code, more] of [
    ['setup', { description: '-5 % for early birds' }],
    ['training', { name: AWKWARD, invoice_display_name: 'Training, two days' }],
  ] as const) {
    await caller.ok('POST', '/add_ons', {
      add_on: { name: code, code, amount_cents: 1000, amount_currency: 'EUR', ...more },
    });
  }
  await caller.ok('POST', '/customers', {
    customer: {
      external_id: '@acme',
      name: '=HYPERLINK("https://evil.test")',
      email: 'a@acme.test,b@acme.test',
      country: 'FR',
      tax_identification_number: '+33 1',
    },
  });
  await caller.ok('POST', '/customers', { customer: { external_id: 'bolt', name: AWKWARD } });
  const fees = [
    { add_on_code: 'setup', units: '2.5', unit_amount_cents: 1001 },
    { add_on_code: 'training', units: 1, unit_amount_cents: 333 },
    { add_on_code: 'setup', units: 3, unit_amount_cents: 7, description: '' },
  ];
  await caller.ok('POST', '/invoices', { invoice: { external_customer_id: '@acme', currency: 'EUR', fees } });
  await caller.ok('POST', '/invoices', {
    invoice: { external_customer_id: 'bolt', currency: 'EUR', fees: fees.slice(1, 2) },
  });
  await creditFees(caller);
  await app.rows(
    `update fees set grouped_by = '{"region": "eu, \\"north\\"", "tier": null}'
     where organization_id = $1 and units = 2.5`,
    [caller.organizationId],
  );
  await app.rows(
    `update invoices set payment_dispute_lost_at = '2024-03-04T23:30:00.123Z', purchase_order_number = 'PO-1, 2'
     where organization_id = $1 and fees_amount_cents > 400`,
    [caller.organizationId],
  );
}

/** Takes half of every fee back, of each invoice in a note. */
async function creditFees(caller: ExportingOrganization): Promise<void> {
  const { invoices } = (await caller.ok('GET', '/invoices')) as any;
  for (const { lago_id: invoice_id, number } of invoices) {
    const { invoice } = (await caller.ok('GET', `/invoices/${invoice_id}`)) as any;
    const items = invoice.fees.map((fee: any) => ({ fee_id: fee.lago_id, amount_cents: fee.amount_cents >> 1 }));
    const credit_amount_cents = items.reduce((sum: number, item: any) => sum + item.amount_cents, 0);
    await caller.ok('POST', '/credit_notes', {
      credit_note: { invoice_id, reason: 'order_change', description: `=${number}, half`, credit_amount_cents, items },
    });
  }
}

/** Ids by the order in which they come. */
function named(text: string): string {
  const names = new Map<string, string>();
  return text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
    if (!names.has(id)) names.set(id, `<id ${names.size + 1}>`);
    return names.get(id)!;
  });
}

const goldenFile = (name: string): URL => new URL(`./golden/${name}.csv`, import.meta.url);

const textOf = async (resource_type: string): Promise<string> =>
  organization.downloaded(await organization.exported({ resource_type, format: 'csv' }));

test.each(RESOURCE_TYPES)('an export of %s is what its golden file says, to the byte', async (resourceType) => {
  const text = named(await textOf(resourceType));
  const file = goldenFile(resourceType);
  if (process.env['RECORD_GOLDEN'] && !existsSync(file)) writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
});

describe.each(['invoices', 'invoice_fees', 'credit_notes'])('an export of %s', (resource_type) => {
  let text: string;
  beforeAll(async () => {
    text = await textOf(resource_type);
  });

  test('is read alike by two readers, with every text as it was stored', () => {
    const rows = parse(text, { columns: true }) as Record<string, string>[];
    const others = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true, newline: '\n' });
    expect(others.errors).toEqual([]);
    expect(others.data).toEqual(rows);
    const cells = rows.flatMap((row) => Object.values(row));
    expect(cells).toContain(AWKWARD);
    // Nothing that a spreadsheet would calculate is left.
    expect(cells.filter((cell) => /^[=+@-]/.test(cell))).toEqual([]);
  });

  test('has LF, quotes only where they are needed, and no mark in front', () => {
    expect(text).not.toContain('\r');
    expect(text.codePointAt(0)).not.toBe(0xfeff);
    expect(text.endsWith('\n')).toBe(true);
    const quoted = [...text.matchAll(/"((?:[^"]|"")*)"/g)].map(([, inner = '']) => inner);
    expect(quoted.length).toBeGreaterThan(0);
    expect(quoted.filter((inner) => !/[",\n]/.test(inner))).toEqual([]);
  });
});

test('the columns that only some organizations have are not in the file of another', async () => {
  const other = await exportingOrganization(app);
  const text = await other.downloaded(await other.exported({ resource_type: 'invoices' }));
  // Nothing to export: a line of names (S069).
  expect(text).toMatch(/^lago_id,[\w,]+,total_offsetted_credit_note_amount_cents\n$/);
});

test('a fee of a filter is called as the invoice calls it', async () => {
  const billed = await exportingOrganization(app);
  const metric = (await billed.ok('POST', '/billable_metrics', {
    billable_metric: {
      name: 'Traffic',
      code: 'traffic',
      aggregation_type: 'count_agg',
      filters: [
        { key: 'region', values: ['us', 'eu'] },
        { key: 'Cloud', values: ['aws', 'gcp'] },
      ],
    },
  })) as any;
  const filters = [
    { values: { region: ['us', 'eu'], Cloud: ['__ALL_FILTER_VALUES__'] }, properties: { amount: '2' } },
    { values: { region: ['us'] }, properties: { amount: '5' }, invoice_display_name: '=America' },
  ];
  const charge = { billable_metric_id: metric.billable_metric.lago_id, charge_model: 'standard', filters };
  await billed.ok('POST', '/plans', {
    plan: {
      name: 'p',
      code: 'p',
      interval: 'monthly',
      amount_cents: 0,
      amount_currency: 'EUR',
      charges: [{ ...charge, properties: { amount: '1' } }],
    },
  });
  await billed.ok('POST', '/customers', { customer: { external_id: 'c', currency: 'EUR' } });
  await billed.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c', external_id: 's', plan_code: 'p' },
  });
  for (const [transaction_id, properties] of [
    ['1', { region: 'eu', Cloud: 'gcp' }],
    ['2', { region: 'us' }],
    ['3', {}],
  ] as const) {
    await billed.ok('POST', '/events', {
      event: { transaction_id, code: 'traffic', external_subscription_id: 's', properties },
    });
  }
  await billed.acts.advance('2024-04-02T00:00:00Z');
  const { lago_id } = ((await billed.ok('GET', '/invoices')) as any).invoices[0];
  const { invoice } = (await billed.ok('GET', `/invoices/${lago_id}`)) as any;
  const shown = new Map(invoice.fees.map((fee: any) => [fee.lago_id, fee.item.filter_invoice_display_name ?? '']));
  const id = await billed.exported({ resource_type: 'invoice_fees' });
  const rows = parse<Record<string, string>>(await billed.downloaded(id), { columns: true });
  const names = rows.map((row) => row['fee_item_filter_invoice_display_name']!);
  expect(names.map((name) => name.replace(/^'/, ''))).toEqual(rows.map((row) => shown.get(row['fee_lago_id']!)));
  expect(names.toSorted()).toEqual(['', '', "'=America", 'Cloud, us, eu']);
});
