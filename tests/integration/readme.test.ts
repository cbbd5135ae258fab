// The requests of the README, as a newcomer copies them: the first invoice.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { REPOSITORY } from '../support/repository.ts';
import { runningDurabill, type RunningDurabill } from '../support/processes/running-durabill.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');

/** What a newcomer copies, in order. */
const blocks = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block ?? '');

let durabill: RunningDurabill;
let script: string;

beforeAll(async () => {
  durabill = await runningDurabill();
  const response = await fetch(`${durabill.url}/admin/organizations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${durabill.adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ organization: { name: 'My organization' } }),
  });
  const { organization } = (await response.json()) as { organization: { api_key: string } };
  // Only the address and the key are another's.
  script = blocks
    .join('\n')
    .replace('http://127.0.0.1:3000', durabill.url)
    .replace('$(cat .data/api-key)', organization.api_key);
});
afterAll(() => durabill.stop());

test('five requests make the first invoice, with the days and the usage', async () => {
  expect(script.match(/-X (POST|DELETE)/g)).toHaveLength(5);
  expect(script).not.toContain('.data/');
  const { stdout } = await run('bash', ['-euc', script.replaceAll('curl -s', 'curl -sS --fail-with-body')]);
  expect(stdout).toContain('"external_id":"acme-pro"');
  // The end is billed behind the answer: the last request alone, until it shows the invoice.
  const lines = script.trim().split('\n');
  const settings = lines.filter((line) => /^(API|AUTH)=/.test(line));
  let invoice: { status: string; currency: string; fees_amount_cents: number } | undefined;
  await until(async () => {
    const looked = await run('bash', ['-euc', [...settings, lines.at(-1)].join('\n')]);
    [invoice] = (JSON.parse(looked.stdout) as { invoices: (typeof invoice)[] }).invoices;
    return invoice !== undefined;
  }, 'the invoice');
  expect(invoice).toMatchObject({ status: 'finalized', currency: 'EUR' });
  // 500 requests at 2 cents, and one of the month's 28 to 31 days of 29 euros.
  const usage = 1000;
  const days = [28, 29, 30, 31].map((length) => usage + Math.round(2900 / length));
  expect(days).toContain(invoice?.fees_amount_cents);
});
