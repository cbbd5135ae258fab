import { expect } from '@jest/globals';
import { Client } from 'pg';
import { billingTruth } from '../support/billing-truth.ts';
import { subscribeCustomers } from '../support/organization-client.ts';
import { SETTLED_WITHIN_MS, type WorkerStory } from './worker-story.ts';

const SUBSCRIPTIONS = 30;

/** Whether customers were billed by others' workflows, and how many pages were committed in more than one transaction. */
async function pagesOf(databaseUrl: string, organizationId: string): Promise<unknown> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query(
      `with pages as (
         select coalesce(acts.done_by, acts.id) as page, count(*) as customers,
                count(distinct invoices.xmin::text) as transactions
         from acts join invoices on invoices.id = acts.invoice_id
         where acts.organization_id = $1 and acts.kind = 'period' and acts.state = 'done'
         group by 1)
       select bool_or(customers > 1) as looked_ahead, (count(*) filter (where transactions > 1))::int as torn
       from pages`,
      [organizationId],
    );
    return rows[0];
  } finally {
    await client.end();
  }
}

export const billingRun: WorkerStory = {
  when: 'at each place of a billing run',
  places: [
    'period:before-claim',
    'period:after-claim',
    'period:before-commit',
    'period:after-commit',
    'clock:after-turn',
  ],
  tell: async (durabill, organization) => {
    await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-01T00:00:00Z', mode: 'jump' } });
    await subscribeCustomers(organization, SUBSCRIPTIONS, ['UTC', 'Asia/Tokyo']);
    await organization.settled(SETTLED_WITHIN_MS);
    await organization.ok('PUT', '/test_clock', {
      test_clock: { frozen_time: '2023-03-01T12:00:00Z', mode: 'advance' },
    });
    await organization.settled(SETTLED_WITHIN_MS);
    expect(await pagesOf(durabill.databaseUrl, organization.organizationId)).toEqual({ looked_ahead: true, torn: 0 });
  },
  outcome: ({ databaseUrl }, { organizationId }) => billingTruth(databaseUrl, organizationId),
  // Two whole months of 31.00 for each subscription, each billed once.
  isRight: (truth) =>
    expect(truth).toEqual({
      finalized: 2 * SUBSCRIPTIONS,
      doubled: 0,
      unfinished: 0,
      holes: 0,
      failedActs: 0,
      withoutOpenPeriod: 0,
      totalAmountCents: 2 * SUBSCRIPTIONS * 3100,
    }),
};
