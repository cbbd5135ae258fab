// kill -9 of a worker between the answer of a tax provider and its record (spec, money 1.8).
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { Client } from 'pg';
import { createOrganization } from '../support/organization-client.ts';
import { runFolder } from '../support/processes/run-folder.ts';
import { runningDurabill } from '../support/processes/running-durabill.ts';
import { armedFaults } from './armed-faults.ts';
import { SETTLED_WITHIN_MS } from './worker-story.ts';

const WORKER = fileURLToPath(new URL('../support/processes/worker-with-tax-provider.ts', import.meta.url));

const PLACES = ['tax-provider:answered', 'taxInvoice:before-commit', 'taxInvoice:after-commit'] as const;

test('kill -9 of the worker between the answer of a tax provider and its application taxes the invoice once', async () => {
  const asked = join(mkdtempSync(join(runFolder(), 'provider-')), 'asked');
  writeFileSync(asked, '');
  const faults = armedFaults(PLACES);
  const durabill = await runningDurabill({
    environment: {
      DURABILL_FAULTS: faults.setting,
      DURABILL_TAKEOVER_SECONDS: '2',
      STAND_IN_PROVIDER_LOG: asked,
    },
    workerMain: WORKER,
  });
  const database = new Client({ connectionString: durabill.databaseUrl });
  await database.connect();
  try {
    const organization = await createOrganization(durabill, { document_number_prefix: 'ORG-1' });
    const { organizationId, ok } = organization;
    await ok('PUT', '/test_clock', { test_clock: { frozen_time: '2024-03-01T10:00:00Z', mode: 'jump' } });
    await ok('POST', '/add_ons', {
      add_on: { name: 'Setup', code: 'setup', amount_cents: 1005, amount_currency: 'EUR' },
    });
    await ok('POST', '/customers', { customer: { external_id: 'c', currency: 'EUR' } });
    // No request links a customer to a provider.
    await database.query(`update customers set tax_provider_code = 'ours' where organization_id = $1`, [
      organizationId,
    ]);
    await faults.killedAt(durabill, PLACES, async () => {
      await ok('POST', '/invoices', { invoice: { external_customer_id: 'c', fees: [{ add_on_code: 'setup' }] } });
      await organization.settled(SETTLED_WITHIN_MS);
    });
    const { rows } = await database.query(
      `select invoices.id, status, tax_status, taxes_amount_cents as taxes, number,
              (select count(*)::int from webhooks where object_id = invoices.id) as told,
              (select count(*)::int from acts where acts.organization_id = $1 and acts.state <> 'done') as open
       from invoices where organization_id = $1`,
      [organizationId],
    );
    expect(rows).toEqual([
      {
        id: expect.any(String),
        status: 'finalized',
        tax_status: 'succeeded',
        taxes: '101',
        number: expect.stringMatching(/^ORG-1-001-001$/),
        told: 0,
        open: 0,
      },
    ]);
    // Its first answer died with the worker; what was kept is not asked for again.
    expect(readFileSync(asked, 'utf8')).toBe(`${rows[0].id}\n`.repeat(2));
  } finally {
    await database.end();
    await durabill.stop();
  }
}, 300_000);
