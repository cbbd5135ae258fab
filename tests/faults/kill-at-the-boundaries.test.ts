import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, test } from '@jest/globals';
import type { FaultName } from '../../activities/fault-point.ts';
import { createOrganization, type OrganizationClient } from '../support/organization-client.ts';
import { runFolder } from '../support/run-folder.ts';
import { runningDurabill, type RunningDurabill } from '../support/running-durabill.ts';
import { until } from '../support/until.ts';

const places: FaultName[] = [
  'activate:before-commit',
  'activate:after-commit',
  'boundary:before-claim',
  'boundary:before-commit',
  'boundary:after-commit',
];

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

test('kill -9 of the worker at each place of a start, an end and a later start changes nothing', async () => {
  const memory = mkdtempSync(join(runFolder(), 'faults-'));
  const durabill = await runningDurabill({ environment: { DURABILL_FAULTS: `${places.join(',')}@${memory}` } });
  try {
    const killed = await createOrganization(durabill, { document_number_prefix: 'ORG-1' });
    const subscribing = subscribe(killed)
      .then(() => killed.settled())
      .then(() => advance(killed));
    for (let deaths = 1; deaths <= places.length; deaths++) {
      await until(() => readdirSync(memory).length === deaths, `the worker is killed for the ${deaths}th time`);
      await durabill.kill('worker');
      await durabill.restart('worker');
    }
    await subscribing;
    await killed.settled();
    // Each place kills once, so this one is billed in peace.
    const spared = await createOrganization(durabill, { document_number_prefix: 'ORG-1' });
    await subscribe(spared);
    await spared.settled();
    await advance(spared);
    await spared.settled();

    const rows = await billed(durabill, killed);
    expect(rows).toEqual(await billed(durabill, spared));
    // A start, a February and an end each.
    expect(rows).toHaveLength(3 * CUSTOMERS);
    expect(rows.every((row) => (row as { open: number }).open === 0)).toBe(true);
  } finally {
    await durabill.stop();
  }
}, 240_000);
