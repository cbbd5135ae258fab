import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Client } from 'pg';
import type { FaultName } from '../../activities/fault-point.ts';
import { createOrganization } from '../support/organization-client.ts';
import { runFolder } from '../support/run-folder.ts';
import { runningDurabill } from '../support/running-durabill.ts';
import { until } from '../support/until.ts';

const customersOf = async (databaseUrl: string, organizationId: string): Promise<number> => {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from customers where organization_id = $1', [organizationId]);
    return rowCount ?? 0;
  } finally {
    await client.end();
  }
};

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
