import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createOrganization } from '../support/organization-client.ts';
import { runFolder } from '../support/run-folder.ts';
import { runningDurabill } from '../support/running-durabill.ts';
import { until } from '../support/until.ts';
import { webhookReceiver } from '../support/webhook-receiver.ts';

const CUSTOMERS = 12;
const CHANGES = 4;

test('kill -9 of the worker between the answer and its record: everything arrives, in order, and nothing after its record', async () => {
  const memory = mkdtempSync(join(runFolder(), 'faults-'));
  const receiver = await webhookReceiver();
  const durabill = await runningDurabill({
    environment: {
      DURABILL_ALLOW_PRIVATE_WEBHOOKS: 'true',
      DURABILL_FAULTS: `webhooks:before-record@${memory}`,
    },
  });
  try {
    const organization = await createOrganization(durabill);
    await organization.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: receiver.url } });
    for (let change = 0; change < CHANGES; change += 1) {
      for (let id = 0; id < CUSTOMERS; id += 1) {
        await organization.ok('POST', '/customers', { customer: { external_id: `c${id}`, name: String(change) } });
      }
    }
    await until(() => readdirSync(memory).length === 1, 'the worker is killed');
    await durabill.kill('worker');
    const answeredBefore = new Set(receiver.received.map(({ key }) => key));
    await durabill.restart('worker');
    const succeeded = async (): Promise<any[]> =>
      (await organization.ok('GET', '/webhooks?statuses[]=succeeded')).webhooks;
    await until(async () => (await succeeded()).length === CUSTOMERS * CHANGES, 'everything is acknowledged');

    const times = Map.groupBy(receiver.received, ({ key }) => key);
    expect(times.size).toBe(CUSTOMERS * CHANGES);
    // Only what was on its way when the worker died came twice.
    for (const [key, arrivals] of times) {
      expect(arrivals.length).toBeLessThanOrEqual(answeredBefore.has(key) ? 2 : 1);
    }
    expect([...times.values()].some((arrivals) => arrivals.length === 2)).toBe(true);
    // Each customer's changes came in their order; a repeated one comes before the next.
    for (const arrivals of Map.groupBy(receiver.received, ({ objectId }) => objectId).values()) {
      const names = arrivals.map(({ json }) => Number(json.customer.name));
      expect(names).toEqual(names.toSorted((one, other) => one - other));
    }
  } finally {
    await durabill.stop();
    await receiver.close();
  }
}, 180_000);
