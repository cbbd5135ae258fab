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

test('kill -9 of the API among requests that share transactions: what was answered is stored, and all is stored once', async () => {
  const durabill = await runningDurabill({ roles: ['api'] });
  try {
    const organization = await createOrganization(durabill);
    await organization.ok('POST', '/billable_metrics', {
      billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' },
    });
    const batch = (index: number) => ({
      events: [0, 1, 2].map((place) => ({
        transaction_id: `tx ${index} ${place}`,
        external_subscription_id: 'sub',
        code: 'calls',
      })),
    });
    const send = async (index: number): Promise<number> => {
      const answer = await fetch(`${durabill.url}/api/v1/events/batch`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${organization.apiKey}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(batch(index)),
      });
      await answer.text();
      return answer.status;
    };
    const stored = async (): Promise<ReadonlySet<string>> => {
      const rows = await rowsOf<{ id: string }>(durabill.databaseUrl, 'select transaction_id as id from events', []);
      return new Set(rows.map(({ id }) => id));
    };
    const isStored = (ids: ReadonlySet<string>, index: number): boolean => {
      const found = batch(index).events.filter(({ transaction_id: id }) => ids.has(id)).length;
      expect([0, 3]).toContain(found);
      return found === 3;
    };
    // Sixteen clients, until the API is gone.
    let next = 0;
    const answered: number[] = [];
    const client = async (): Promise<void> => {
      for (;;) {
        const index = next++;
        const status = await send(index).catch(() => 'cut' as const);
        if (status === 'cut') return;
        expect(status).toBe(200);
        answered.push(index);
      }
    };
    const clients = Promise.all(Array.from({ length: 16 }, client));
    await until(() => answered.length > 200, 'many are answered');
    await durabill.kill('api');
    await clients;
    const before = await stored();
    for (const index of answered) expect(isStored(before, index)).toBe(true);
    await durabill.restart('api');
    // The clients repeat what they had no answer to, and more.
    const isAnswered = new Set(answered);
    for (let index = 0; index < next; index++) {
      if (isAnswered.has(index) && index < next - 20) continue;
      expect([index, await send(index)]).toEqual([index, isStored(before, index) ? 422 : 200]);
    }
    const [counted] = await rowsOf<{ events: number; rolled: number; transactions: number }>(
      durabill.databaseUrl,
      `select (select count(*)::int from events) as events, (select sum(events_count)::int from usage_rollups) as rolled,
              (select count(distinct xmin::text)::int from events) as transactions`,
      [],
    );
    expect(counted).toMatchObject({ events: next * 3, rolled: next * 3 });
    // They did share them.
    expect(counted!.transactions).toBeLessThan(next);
  } finally {
    await durabill.stop();
  }
});
