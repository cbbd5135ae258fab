import { Client } from 'pg';
import { expect } from '@jest/globals';
import type { OrganizationClient } from '../support/organization-client.ts';
import type { RunningDurabill } from '../support/processes/running-durabill.ts';
import { until } from '../support/until.ts';
import { webhookReceiver } from '../support/servers/webhook-receiver.ts';
import { SETTLED_WITHIN_MS, type WorkerStory } from './worker-story.ts';

const SETTINGS = { document_number_prefix: 'ORG-1', invoice_grace_period: 10 };

const CUSTOMERS = 4;

/** Beside those of customers: with them three pages, of which the first is cut off before and after its commit. */
const COPIES = 2300;

/**
 * Drafts of 5 March with a grace period of 10 days that the organization gives, one customer with a period of its own.
 */
async function prepare(organization: OrganizationClient): Promise<void> {
  await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-03-05T08:00:00Z', mode: 'jump' } });
  await organization.ok('POST', '/plans', {
    plan: {
      name: 'Plan',
      code: 'p',
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: true,
    },
  });
  for (let index = 0; index < CUSTOMERS; index++) {
    await organization.ok('POST', '/customers', {
      customer: {
        external_id: `c${index}`,
        ...(index === 0 && { billing_configuration: { invoice_grace_period: 11 } }),
      },
    });
    await organization.ok('POST', '/subscriptions', {
      subscription: {
        external_customer_id: `c${index}`,
        external_id: `s${index}`,
        plan_code: 'p',
        billing_time: 'anniversary',
      },
    });
  }
  await organization.settled(SETTLED_WITHIN_MS);
}

const query = async ({ databaseUrl }: RunningDurabill, text: string, parameters: unknown[]): Promise<unknown[]> => {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(text, parameters)).rows as unknown[];
  } finally {
    await client.end();
  }
};

/**
 * Rows that no subscription made, for the settings' pages only: they are taken away before anything makes them final.
 */
const copyDrafts = (durabill: RunningDurabill, { organizationId }: OrganizationClient) =>
  query(
    durabill,
    `insert into invoices (id, organization_id, customer_id, billing_entity_id, invoice_type, status, payment_status, number,
                           issuing_date, payment_due_date, expected_finalization_date, net_payment_term, applied_grace_period,
                           currency, timezone, timezone_data_version, purchase_order_number, created_at, updated_at)
     select gen_random_uuid(), organization_id, customer_id, billing_entity_id, invoice_type, status, payment_status, number,
            issuing_date, payment_due_date, expected_finalization_date, net_payment_term, applied_grace_period, currency,
            timezone, timezone_data_version, 'copy', created_at, updated_at
     from (select * from invoices where organization_id = $1 and applied_grace_period = 10 limit 1) draft,
          generate_series(1, $2::int)`,
    [organizationId, COPIES],
  );

const copies = async (durabill: RunningDurabill, { organizationId }: OrganizationClient): Promise<unknown[]> =>
  query(
    durabill,
    `select issuing_date::text as issued, payment_due_date::text as due, expected_finalization_date::text as final,
            applied_grace_period as applied, count(*)::int as count
     from invoices where organization_id = $1 and purchase_order_number = 'copy' group by 1, 2, 3, 4`,
    [organizationId],
  );

/** All that was billed, without ids and in one order. */
const billed = (durabill: RunningDurabill, { organizationId }: OrganizationClient): Promise<unknown[]> =>
  query(
    durabill,
    `select subscriptions.external_id, row.timestamp, row.from_datetime, row.to_datetime, invoices.status, invoices.number,
            invoices.issuing_date::text as issued, invoices.payment_due_date::text as due, invoices.total_amount_cents,
            (select count(*)::int from fees where fees.invoice_id = invoices.id) as fees,
            (select count(*)::int from acts where acts.invoice_id = invoices.id and acts.state <> 'done') as open,
            (select count(*)::int from webhooks where webhooks.object_id = invoices.id
               and webhooks.webhook_type = 'invoice.created') as told
     from invoices join invoice_subscriptions row on row.invoice_id = invoices.id
       join subscriptions on subscriptions.id = row.subscription_id
     where invoices.organization_id = $1
     order by subscriptions.external_id, row.timestamp`,
    [organizationId],
  );

async function play(durabill: RunningDurabill, organization: OrganizationClient, webhookUrl: string): Promise<void> {
  await organization.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: webhookUrl } });
  await prepare(organization);
  await copyDrafts(durabill, organization);
  await organization.ok('PUT', '/organizations', {
    organization: { net_payment_term: 7, billing_configuration: { invoice_grace_period: 13 } },
  });
  await organization.settled(SETTLED_WITHIN_MS);
  expect(await copies(durabill, organization)).toEqual([
    { issued: '2023-03-18', due: '2023-03-25', final: '2023-03-18', applied: 13, count: COPIES },
  ]);
  await query(durabill, `delete from invoices where organization_id = $1 and purchase_order_number = 'copy'`, [
    organization.organizationId,
  ]);
  await organization.ok('PUT', '/plans/p', { plan: { amount_cents: 4100 } });
  await organization.settled(SETTLED_WITHIN_MS);
  await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-03-20T00:00:00Z', mode: 'advance' } });
  await organization.settled(SETTLED_WITHIN_MS);
}

export const drafts: WorkerStory = {
  when: 'while drafts are moved, refreshed and made final',
  places: [
    'settings:before-commit',
    'settings:after-commit',
    'refresh:before-commit',
    'refresh:after-commit',
    'finalize:before-commit',
    'finalize:after-commit',
  ],
  settings: SETTINGS,
  tell: async (durabill, organization) => {
    const receiver = await webhookReceiver();
    try {
      await play(durabill, organization, receiver.url);
      const undelivered = `select 1 from webhooks where organization_id = $1 and status <> 'succeeded'`;
      await until(
        async () => (await query(durabill, undelivered, [organization.organizationId])).length === 0,
        'every webhook has been delivered',
      );
    } finally {
      await receiver.close();
    }
  },
  outcome: billed,
  isRight: (outcome) => {
    const rows = outcome as Record<string, unknown>[];
    expect(rows.map(({ issued, status, total_amount_cents: total, told }) => [issued, status, total, told])).toEqual([
      ['2023-03-16', 'finalized', '4100', 1],
      ...Array.from({ length: CUSTOMERS - 1 }, () => ['2023-03-18', 'finalized', '4100', 1]),
    ]);
    expect(rows.every(({ open, fees }) => open === 0 && fees === 1)).toBe(true);
  },
};
