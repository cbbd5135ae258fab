import { Client } from 'pg';
import { expect } from '@jest/globals';
import type { OrganizationClient } from '../support/organization-client.ts';
import type { RunningDurabill } from '../support/processes/running-durabill.ts';
import type { ViesReply, ViesStandIn } from '../support/servers/vies-stand-in.ts';
import { until } from '../support/until.ts';
import { webhookReceiver } from '../support/servers/webhook-receiver.ts';
import { SETTLED_WITHIN_MS, type WorkerStory } from './worker-story.ts';

/** What VIES says at last of each customer's number, after a try that failed. */
const ANSWERS: readonly ViesReply[] = [{ valid: true }, { valid: false }, { valid: true }];

const query = async ({ databaseUrl }: RunningDurabill, text: string, parameters: unknown[]): Promise<unknown[]> => {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(text, parameters)).rows as unknown[];
  } finally {
    await client.end();
  }
};

/** What each customer has in the end, without ids. */
const left = (durabill: RunningDurabill, { organizationId }: OrganizationClient): Promise<unknown[]> =>
  query(
    durabill,
    `select customers.external_id as customer, checks.attempts, checks.answered_at is not null as answered,
            invoices.status, invoices.tax_status, invoices.taxes_amount_cents as taxes,
            invoices.issuing_date::text as issued, invoices.sequential_id is not null as numbered,
            (select array_agg(taxes.code order by taxes.code) from tax_attachments attached
               join taxes on taxes.id = attached.tax_id where attached.owner_id = customers.id) as codes,
            (select count(*)::int from webhooks where webhooks.object_id = customers.id
               and webhook_type = 'customer.vies_check') as tries_told,
            (select count(*)::int from webhooks where webhooks.object_id = invoices.id
               and webhook_type = 'invoice.one_off_created') as invoice_told,
            (select count(*)::int from acts where acts.customer_id = customers.id and acts.state <> 'done') as open
     from customers join invoices on invoices.customer_id = customers.id
       join vies_checks checks on checks.customer_id = customers.id
     where customers.organization_id = $1 order by customers.external_id`,
    [organizationId],
  );

/** Invoices of customers whose numbers VIES can check only at the second try. */
async function play(
  organization: OrganizationClient,
  vies: ViesStandIn,
  webhookUrl: string,
): Promise<readonly string[]> {
  const settled = () => organization.settled(SETTLED_WITHIN_MS);
  const clock = (frozen_time: string, mode: string) =>
    organization.ok('PUT', '/test_clock', { test_clock: { frozen_time, mode } });
  await clock('2024-03-01T10:00:00Z', 'jump');
  await organization.ok('PUT', '/organizations', { organization: { country: 'FR', eu_tax_management: true } });
  await organization.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: webhookUrl } });
  await organization.ok('POST', '/add_ons', {
    add_on: { name: 'Setup', code: 'setup', amount_cents: 1000, amount_currency: 'EUR' },
  });
  // Of this telling alone: the stand-in counts what it is asked by number.
  const numbers = ANSWERS.map((_, index) => `IT${Math.floor(Math.random() * 1e9)}${index}`.padEnd(13, '0'));
  for (const number of numbers) vies.says(number, 'MS_UNAVAILABLE');
  // A minute apart, and so are their tries: the worker dies with one question on its way at most.
  for (const [index, tax_identification_number] of numbers.entries()) {
    await clock(`2024-03-01T10:0${index + 1}:00Z`, 'advance');
    await organization.ok('POST', '/customers', {
      customer: { external_id: `c${index}`, currency: 'EUR', country: 'IT', tax_identification_number },
    });
    await organization.ok('POST', '/invoices', {
      invoice: { external_customer_id: `c${index}`, fees: [{ add_on_code: 'setup' }] },
    });
    await settled();
  }
  for (const [index, number] of numbers.entries()) vies.says(number, ANSWERS[index]!);
  await clock('2024-03-02T00:00:00Z', 'advance');
  await settled();
  return numbers;
}

/** @param standIn what durabill has as `VIES_URL`. */
export const viesChecks = (standIn: () => ViesStandIn): WorkerStory => ({
  when: 'while VIES is asked, its answer is applied, and what waited for it goes on',
  places: [
    'vies:answered',
    'vies:answer-kept',
    'vies:before-apply',
    'vies:before-commit',
    'vies:after-commit',
    'vies:ended',
    'taxInvoice:before-commit',
    'taxInvoice:after-commit',
  ],
  tell: async (durabill, organization) => {
    const receiver = await webhookReceiver();
    try {
      const numbers = await play(organization, standIn(), receiver.url);
      const undelivered = `select 1 from webhooks where organization_id = $1 and status <> 'succeeded'`;
      await until(
        async () => (await query(durabill, undelivered, [organization.organizationId])).length === 0,
        'every webhook has been delivered',
      );
      // Two steps each; only an answer that was not kept when the worker died is asked for again.
      const calls = standIn().calls.filter(({ number }) => numbers.includes(number)).length;
      expect([2 * numbers.length, 2 * numbers.length + 1]).toContain(calls);
    } finally {
      await receiver.close();
    }
  },
  outcome: left,
  isRight: (outcome) => {
    expect(outcome).toEqual(
      ANSWERS.map((_, index) => ({
        customer: `c${index}`,
        attempts: 1,
        answered: true,
        status: 'finalized',
        tax_status: 'succeeded',
        taxes: index === 1 ? '220' : '0',
        issued: '2024-03-01',
        numbered: true,
        codes: [index === 1 ? 'lago_eu_it_standard' : 'lago_eu_reverse_charge'],
        tries_told: 2,
        invoice_told: 1,
        open: 0,
      })),
    );
  },
});
