import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Client } from 'pg';
import type { FaultName } from '../../activities/fault-point.ts';
import { createOrganization, type OrganizationClient } from '../support/organization-client.ts';
import { runFolder } from '../support/processes/run-folder.ts';
import { runningDurabill } from '../support/processes/running-durabill.ts';
import { until } from '../support/until.ts';

const rowsOf = async <Row>(databaseUrl: string, text: string, parameters: readonly unknown[]): Promise<Row[]> => {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(text, [...parameters])).rows as Row[];
  } finally {
    await client.end();
  }
};

const customersOf = async (databaseUrl: string, organizationId: string): Promise<number> =>
  (await rowsOf(databaseUrl, 'select 1 from customers where organization_id = $1', [organizationId])).length;

test.each<readonly [FaultName, number, string | null]>([
  ['request:before-commit', 0, null],
  ['request:after-commit', 1, 'true'],
])('kill -9 of the API at %s: the client that repeats its request has it done once', async (place, done, repeated) => {
  const memory = mkdtempSync(join(runFolder(), 'faults-'));
  const environment = { DURABILL_FAULTS: `${place}@${memory}` };
  const durabill = await runningDurabill({ environment, roles: ['api'] });
  try {
    const organization = await createOrganization(durabill);
    const ask = () =>
      fetch(`${durabill.url}/api/v1/customers`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${organization.apiKey}`,
          'Content-Type': 'application/json',
          'Idempotency-Key': 'key-1',
        },
        body: JSON.stringify({ customer: { external_id: 'ann', name: 'Ann' } }),
      });
    const customers = () => customersOf(durabill.databaseUrl, organization.organizationId);
    await expect(ask()).rejects.toThrow();
    await until(() => readdirSync(memory).length === 1, 'the API is killed');
    await durabill.kill('api');
    expect(await customers()).toBe(done);
    await durabill.restart('api');
    const again = await ask();
    expect([again.status, again.headers.get('Idempotent-Replayed')]).toEqual([200, repeated]);
    const body = await again.text();
    expect(await (await ask()).text()).toBe(body);
    expect(await customers()).toBe(1);
  } finally {
    await durabill.stop();
  }
});

/** Two drafts of 31.00, each of a customer of its own. @returns their ids. */
async function drafts(organization: OrganizationClient): Promise<string[]> {
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
  for (const index of [1, 2]) {
    await organization.ok('POST', '/customers', {
      customer: { external_id: `c${index}`, billing_configuration: { invoice_grace_period: 10 } },
    });
    await organization.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: `c${index}`, external_id: `s${index}`, plan_code: 'p' },
    });
  }
  await organization.settled();
  const { invoices } = await organization.ok('GET', '/invoices');
  return invoices.map(({ lago_id: id }: { lago_id: string }) => id);
}

test('kill -9 of the API while a request awaits a workflow: the client that repeats it is told its outcome', async () => {
  const places = ['request:begun', 'request:before-commit', 'request:after-commit'] as const;
  const memory = mkdtempSync(join(runFolder(), 'faults-'));
  const durabill = await runningDurabill({ environment: { DURABILL_FAULTS: `${places.join(',')}@${memory}` } });
  try {
    const organization = await createOrganization(durabill);
    const [killed, waiting] = (await drafts(organization)) as [string, string];
    const finalize = (id: string) =>
      fetch(`${durabill.url}/api/v1/invoices/${id}/finalize`, {
        method: 'PUT',
        headers: { Authorization: `Bearer ${organization.apiKey}`, 'Idempotency-Key': id },
      });
    const isSo = async (text: string, id: string): Promise<boolean> =>
      (await rowsOf(durabill.databaseUrl, text, [id])).length > 0;
    /** What a client that goes on asking is told, and tells it again. */
    const outcomeOf = async (id: string) => {
      const answer = await finalize(id);
      const body = await answer.text();
      const again = await finalize(id);
      expect([again.status, again.headers.get('Idempotent-Replayed'), await again.text()]).toEqual([
        answer.status,
        'true',
        body,
      ]);
      const { invoice } = JSON.parse(body) as { invoice?: { lago_id: string; status: string } };
      return [answer.status, invoice?.lago_id, invoice?.status, answer.headers.get('Idempotent-Replayed')];
    };
    // The client repeats its request three times: the server dies before anything is done, then with it done, then with
    // its answer kept.
    for (let deaths = 1; deaths <= places.length; deaths++) {
      await expect(finalize(killed)).rejects.toThrow();
      await until(() => readdirSync(memory).length === deaths, 'the API is killed');
      await durabill.kill('api');
      await durabill.restart('api');
    }
    expect(await outcomeOf(killed)).toEqual([200, killed, 'finalized', 'true']);
    // While no worker runs; then the worker does it, and nobody is there to be told.
    await durabill.kill('worker');
    const cut = finalize(waiting).catch(() => 'cut' as const);
    await until(
      () => isSo(`select 1 from acts where invoice_id = $1 and kind = 'finalize' and due_at is null`, waiting),
      'the request waits for the workflow',
    );
    await durabill.kill('api');
    expect(await cut).toBe('cut');
    await durabill.restart('worker');
    await until(() => isSo(`select 1 from invoices where id = $1 and status = 'finalized'`, waiting), 'it is final');
    await durabill.restart('api');
    expect(await outcomeOf(waiting)).toEqual([200, waiting, 'finalized', null]);
    const numbered = await rowsOf(
      durabill.databaseUrl,
      'select 1 from invoices where organization_id = $1 and sequential_id is not null',
      [organization.organizationId],
    );
    expect(numbered).toHaveLength(2);
  } finally {
    await durabill.stop();
  }
}, 240_000);
