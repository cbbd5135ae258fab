// kill -9 of the worker at every place where it could lose or double something. All stories share one durabill: a place
// kills only while a test has armed it.
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createOrganization } from '../support/organization-client.ts';
import { runningDurabill, type RunningDurabill } from '../support/processes/running-durabill.ts';
import { until } from '../support/until.ts';
import { manyInvoices } from '../support/many-invoices.ts';
import { mailServer, type MailServer } from '../support/servers/mail-server.ts';
import { runFolder } from '../support/processes/run-folder.ts';
import { viesStandIn, type ViesStandIn } from '../support/servers/vies-stand-in.ts';
import { webhookReceiver } from '../support/servers/webhook-receiver.ts';
import { armedFaults } from './armed-faults.ts';
import { billingRun } from './billing-run.ts';
import { boundaries } from './boundaries.ts';
import { credits } from './credits.ts';
import { deletion } from './deletion.ts';
import { instantCharges } from './instant-charges.ts';
import { drafts } from './drafts.ts';
import { EXPORT_PLACES, exportAll, type MadeExport } from './killed-export.ts';
import { viesChecks } from './vies-checks.ts';

let vies: ViesStandIn;
let mails: MailServer;
const files = mkdtempSync(join(runFolder(), 'files-'));

const stories = [billingRun, boundaries, credits, deletion, drafts, instantCharges, viesChecks(() => vies)];
const faults = armedFaults([...stories.flatMap(({ places }) => places), ...EXPORT_PLACES, 'webhooks:before-record']);

let durabill: RunningDurabill;

beforeAll(async () => {
  [vies, mails] = await Promise.all([viesStandIn(), mailServer()]);
  durabill = await runningDurabill({
    environment: {
      VIES_URL: vies.url,
      DURABILL_ALLOW_PRIVATE_WEBHOOKS: 'true',
      DURABILL_FAULTS: faults.setting,
      DURABILL_FILES: pathToFileURL(files).href,
      DURABILL_MAIL_FROM: 'billing@durabill.test',
      DURABILL_SMTP_URL: mails.url,
      DURABILL_TAKEOVER_SECONDS: '2',
    },
  });
});
afterAll(async () => {
  await durabill.stop();
  await Promise.all([vies.close(), mails.close()]);
});

test.each(stories)(
  'kill -9 of the worker $when changes nothing',
  async ({ places, settings, tell, outcome, isRight }) => {
    const killed = await createOrganization(durabill, settings);
    await faults.killedAt(durabill, places, () => tell(durabill, killed));
    const left = await outcome(durabill, killed);
    isRight(left);
    // Each place kills once, so this one has its peace.
    const spared = await createOrganization(durabill, settings);
    await tell(durabill, spared);
    expect(left).toEqual(await outcome(durabill, spared));
  },
  400_000,
);

/** Enough for more than one file of parts in each lane. */
const EXPORTED_INVOICES = 24_000;

test('kill -9 of the worker ten times in one export: the same bytes in the same parts, one webhook and one mail', async () => {
  const organization = await createOrganization(durabill);
  await manyInvoices(durabill.databaseUrl, organization, EXPORTED_INVOICES);
  // Nobody is there: what counts is how many webhooks were written.
  const webhook_endpoint = { webhook_url: 'http://127.0.0.1:9/', event_types: ['data_export.completed'] };
  await organization.ok('POST', '/webhook_endpoints', { webhook_endpoint });
  let killed: MadeExport | undefined;
  await faults.killedInTurn(durabill, EXPORT_PLACES, async () => {
    killed = await exportAll(durabill, organization, 'killed@acme.test');
  });
  expect(killed?.parts).toHaveLength(EXPORTED_INVOICES / 20);
  const { id, ...spared } = await exportAll(durabill, organization, 'spared@acme.test');
  expect({ ...killed, id }).toEqual({ id, ...spared, status: 'completed' });
  await until(() => mails.taken.length >= 2, 'both mails are taken');
  expect(mails.taken).toHaveLength(2);
  expect(new Set(mails.taken.flatMap(({ to }) => to))).toEqual(new Set(['killed@acme.test', 'spared@acme.test']));
  const { webhooks } = await organization.ok('GET', '/webhooks?event_types[]=data_export.completed');
  expect(webhooks.map(({ lago_object_id }: any) => lago_object_id)).toEqual([id, killed?.id]);
  const left = () => readdirSync(join(files, 'data_exports'));
  await until(() => left().length <= 2, 'the files of the parts are gone');
  expect(new Set(left())).toEqual(new Set([`${killed?.id}.csv`, `${id}.csv`]));
}, 600_000);

const CUSTOMERS = 12;
const CHANGES = 4;

test('kill -9 of the worker between the answer and its record: everything arrives, in order, and nothing after its record', async () => {
  const receiver = await webhookReceiver();
  try {
    const organization = await createOrganization(durabill);
    await organization.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: receiver.url } });
    let answeredBefore = new Set<string>();
    const succeeded = async (): Promise<any[]> =>
      (await organization.ok('GET', '/webhooks?statuses[]=succeeded')).webhooks;
    const send = async (): Promise<void> => {
      for (let change = 0; change < CHANGES; change += 1) {
        for (let id = 0; id < CUSTOMERS; id += 1) {
          await organization.ok('POST', '/customers', { customer: { external_id: `c${id}`, name: String(change) } });
        }
      }
      await until(async () => (await succeeded()).length === CUSTOMERS * CHANGES, 'everything is acknowledged');
    };
    await faults.killedAt(durabill, ['webhooks:before-record'], send, () => {
      answeredBefore = new Set(receiver.received.map(({ key }) => key));
    });

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
    await receiver.close();
  }
}, 180_000);
