import { Client } from 'pg';
import type { OrganizationClient } from './organization-client.ts';

/** Final invoices of one customer, a second apart, in an organization whose clock then stands at 5 March 2024. */
export async function manyInvoices(
  databaseUrl: string,
  organization: OrganizationClient,
  count: number,
): Promise<void> {
  const frozen_time = '2024-03-05T10:00:00Z';
  await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time, mode: 'jump' } });
  await organization.ok('POST', '/customers', { customer: { external_id: 'acme', currency: 'EUR' } });
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      `insert into invoices (id, organization_id, customer_id, billing_entity_id, invoice_type, status, payment_status,
         number, issuing_date, payment_due_date, expected_finalization_date, net_payment_term, currency, timezone,
         timezone_data_version, total_amount_cents, created_at, updated_at)
       select gen_random_uuid(), organization_id, id, billing_entity_id, 'one_off', 'finalized', 'pending',
         'N-' || i, '2024-03-01', '2024-03-01', '2024-03-01', 0, 'EUR', 'UTC', 'x', i,
         timestamptz '2024-03-01' + make_interval(secs => i), now()
       from customers, generate_series(1, $2::int) i where organization_id = $1`,
      [organization.organizationId, count],
    );
  } finally {
    await client.end();
  }
}
