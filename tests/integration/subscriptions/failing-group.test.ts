import { Client } from 'pg';
import { expect, test } from '@jest/globals';
import { createOrganization } from '../../support/organization-client.ts';
import { runningDurabill } from '../../support/processes/running-durabill.ts';

/** The largest amount that JSON can show; two of them on one invoice cannot be shown. */
const LARGEST_CENTS = Number.MAX_SAFE_INTEGER;

test('an invoice that cannot be made is recorded, and holds up neither later periods nor other customers nor the clock', async () => {
  const durabill = await runningDurabill();
  try {
    const organization = await createOrganization(durabill);
    const { ok } = organization;
    await ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-01T00:00:00Z', mode: 'jump' } });
    const plan = { interval: 'monthly', amount_currency: 'EUR', pay_in_advance: false, charges: [] };
    await ok('POST', '/plans', { plan: { ...plan, name: 'Large', code: 'large', amount_cents: LARGEST_CENTS } });
    await ok('POST', '/plans', { plan: { ...plan, name: 'Small', code: 'small', amount_cents: 3100 } });
    for (const [customer, id, code] of [
      ['too-large', 'l1', 'large'],
      ['too-large', 'l2', 'large'],
      ['good', 's1', 'small'],
    ]) {
      await ok('POST', '/subscriptions', {
        subscription: { external_customer_id: customer, external_id: id, plan_code: code },
      });
    }
    await ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-03-01T12:00:00Z', mode: 'advance' } });
    await organization.settled();

    const { invoices } = await ok('GET', '/invoices');
    expect(
      invoices.map((invoice: any) => [invoice.customer.external_id, invoice.issuing_date, invoice.total_amount_cents]),
    ).toEqual([
      ['good', '2023-03-01', 3100],
      ['good', '2023-02-01', 3100],
    ]);
    expect(await generatingInvoices(durabill.databaseUrl, organization.organizationId)).toEqual([
      { day: '2023-02-01', message: expect.stringContaining('cents stay within 2^53 - 1') },
      { day: '2023-03-01', message: expect.stringContaining('cents stay within 2^53 - 1') },
    ]);
  } finally {
    await durabill.stop();
  }
}, 120_000);

/** Each invoice that could not be made, with the reason that is kept with it. */
async function generatingInvoices(databaseUrl: string, organizationId: string) {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select distinct details->>'billing_day' as day, details->>'invoice_generation_error' as message
       from invoice_errors join invoices on invoices.id = invoice_errors.invoice_id
       where invoices.organization_id = $1 and invoices.status = 'generating' order by 1`,
      [organizationId],
    );
    return rows;
  } finally {
    await client.end();
  }
}
