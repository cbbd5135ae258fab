// What is in the files (docs/spec/api.md 5.3; S068 to S073): golden files, read back by two readers that are not ours.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import Papa from 'papaparse';
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

/** Ids by the order in which they come. */
function named(text: string): string {
  const names = new Map<string, string>();
  return text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
    if (!names.has(id)) names.set(id, `<id ${names.size + 1}>`);
    return names.get(id)!;
  });
}

const goldenFile = (name: string): URL => new URL(`./golden/${name}.csv`, import.meta.url);

describe.each(['invoices', 'invoice_fees'])('an export of %s', (resource_type) => {
  let text: string;
  beforeAll(async () => {
    text = await organization.downloaded(await organization.exported({ resource_type, format: 'csv' }));
  });

  test('is what its golden file says, to the byte', () => {
    const file = goldenFile(resource_type);
    if (process.env['RECORD_GOLDEN'] && !existsSync(file)) writeFileSync(file, named(text));
    expect(named(text)).toBe(readFileSync(file, 'utf8'));
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
