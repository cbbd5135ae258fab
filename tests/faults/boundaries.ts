import { Client } from 'pg';
import { expect } from '@jest/globals';
import type { OrganizationClient } from '../support/organization-client.ts';
import type { RunningDurabill } from '../support/processes/running-durabill.ts';
import { SETTLED_WITHIN_MS, type WorkerStory } from './worker-story.ts';

const CUSTOMERS = 6;

/** Plans in advance with and without a trial, started now and later, ending by themselves. */
async function subscribe(organization: OrganizationClient): Promise<void> {
  await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-10T09:00:00Z', mode: 'jump' } });
  for (const [code, trial_period] of [
    ['now', null],
    ['tried', 4],
  ] as const) {
    await organization.ok('POST', '/plans', {
      plan: {
        name: code,
        code,
        interval: 'monthly',
        amount_cents: 3100,
        amount_currency: 'EUR',
        pay_in_advance: true,
        trial_period,
      },
    });
  }
  for (let index = 0; index < CUSTOMERS; index++) {
    await organization.ok('POST', '/subscriptions', {
      subscription: {
        external_customer_id: `c${index}`,
        external_id: `s${index}`,
        plan_code: index % 2 === 0 ? 'now' : 'tried',
        ...(index >= CUSTOMERS / 2 && { subscription_at: '2023-01-12T00:00:00Z' }),
        ending_at: '2023-02-15T12:00:00Z',
      },
    });
  }
}

/** All that was billed, without ids and in one order. */
async function billed({ databaseUrl }: RunningDurabill, { organizationId }: OrganizationClient): Promise<unknown[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select subscriptions.external_id, row.invoicing_reason, row.timestamp, invoices.status, invoices.number,
              invoices.total_amount_cents, subscriptions.status as subscription, subscriptions.trial_ended_at,
              (select count(*)::int from acts where acts.subscription_id = subscriptions.id
                 and acts.state in ('wanted', 'waiting', 'working', 'failed')) as open
       from invoices join invoice_subscriptions row on row.invoice_id = invoices.id
         join subscriptions on subscriptions.id = row.subscription_id
       where invoices.organization_id = $1
       order by subscriptions.external_id, row.timestamp, row.invoicing_reason`,
      [organizationId],
    );
    return rows as unknown[];
  } finally {
    await client.end();
  }
}

const advance = (organization: OrganizationClient) =>
  organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-02-20T00:00:00Z', mode: 'advance' } });

export const boundaries: WorkerStory = {
  when: 'at each place of a start, an end and a later start',
  places: [
    'activate:before-commit',
    'activate:after-commit',
    'own-invoice:before-claim',
    'own-invoice:before-commit',
    'own-invoice:after-commit',
  ],
  settings: { document_number_prefix: 'ORG-1' },
  tell: async (_durabill, organization) => {
    await subscribe(organization);
    await organization.settled(SETTLED_WITHIN_MS);
    await advance(organization);
    await organization.settled(SETTLED_WITHIN_MS);
  },
  outcome: billed,
  isRight: (outcome) => {
    const rows = outcome as { open: number }[];
    // A start, a February and an end each.
    expect(rows).toHaveLength(3 * CUSTOMERS);
    expect(rows.every(({ open }) => open === 0)).toBe(true);
  },
};
