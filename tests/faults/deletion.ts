import { Client } from 'pg';
import { expect } from '@jest/globals';
import type { OrganizationClient } from '../support/organization-client.ts';
import type { RunningDurabill } from '../support/processes/running-durabill.ts';
import { SETTLED_WITHIN_MS, type WorkerStory } from './worker-story.ts';

const SUBSCRIPTIONS = 4;

/** One customer with running subscriptions and one to come; another whose plan will be deleted. */
async function subscribe(organization: OrganizationClient): Promise<void> {
  await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-01T00:00:00Z', mode: 'jump' } });
  // Last invoices are drafts, which the deletions make final.
  await organization.ok('PUT', '/organizations', {
    organization: { billing_configuration: { invoice_grace_period: 60 } },
  });
  for (const code of ['kept', 'dropped']) {
    await organization.ok('POST', '/plans', {
      plan: {
        name: code,
        code,
        interval: 'monthly',
        amount_cents: 3100,
        amount_currency: 'EUR',
        pay_in_advance: false,
      },
    });
  }
  for (let index = 0; index < SUBSCRIPTIONS; index++) {
    for (const [customer, plan_code] of [
      ['deleted', 'kept'],
      [`of-plan-${index}`, 'dropped'],
    ] as const) {
      await organization.ok('POST', '/subscriptions', {
        subscription: {
          external_customer_id: customer,
          external_id: `${customer}-${index}`,
          plan_code,
          ...(index === 0 && { subscription_at: '2023-03-01T00:00:00Z' }),
        },
      });
    }
  }
  await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-10T12:00:00Z', mode: 'advance' } });
}

/** What has become of every subscription, and what was billed for it. */
async function outcome({ databaseUrl }: RunningDurabill, { organizationId }: OrganizationClient): Promise<unknown[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select subscriptions.external_id, subscriptions.status, subscriptions.terminated_at,
              array_agg(invoices.total_amount_cents::int || ' ' || invoices.status) as invoices,
              (select count(*)::int from acts where acts.organization_id = $1
                 and acts.state in ('wanted', 'waiting', 'working', 'failed')) as open,
              (select count(*)::int from plans where plans.organization_id = $1 and deleted_at is null) as plans
       from subscriptions left join invoice_subscriptions row on row.subscription_id = subscriptions.id
         left join invoices on invoices.id = row.invoice_id
       where subscriptions.organization_id = $1
       group by subscriptions.id order by subscriptions.external_id`,
      [organizationId],
    );
    return rows as unknown[];
  } finally {
    await client.end();
  }
}

async function remove(organization: OrganizationClient): Promise<void> {
  await organization.ok('DELETE', '/customers/deleted');
  await organization.ok('DELETE', '/plans/dropped');
}

/** The drafts of the customer become final five minutes later, not before. */
async function waitFiveMinutes(durabill: RunningDurabill, organization: OrganizationClient): Promise<void> {
  const drafts = async () =>
    (await outcome(durabill, organization)).filter((row) => JSON.stringify(row).includes(' draft')).length;
  expect(await drafts()).toBe(SUBSCRIPTIONS - 1);
  await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-10T12:05:00Z', mode: 'advance' } });
  await organization.settled(SETTLED_WITHIN_MS);
}

export const deletion: WorkerStory = {
  when: 'while a customer and a plan are deleted',
  places: [
    'end-subscriptions:before-commit',
    'end-subscriptions:after-commit',
    'own-invoice:before-commit',
    'deleteCustomer:before-commit',
    'deleteCustomer:after-commit',
    'deletePlan:before-commit',
    'deletePlan:after-commit',
    'finalize:before-commit',
    'finalize:after-commit',
  ],
  tell: async (durabill, organization) => {
    await subscribe(organization);
    await organization.settled(SETTLED_WITHIN_MS);
    await remove(organization);
    await organization.settled(SETTLED_WITHIN_MS);
    await waitFiveMinutes(durabill, organization);
  },
  outcome,
  isRight: (rows) => {
    expect(rows).toHaveLength(2 * SUBSCRIPTIONS);
    const ended = { status: 'terminated', invoices: ['1000 finalized'] };
    const never = { status: 'canceled', invoices: [null] };
    expect(rows).toMatchObject(
      Array.from({ length: 2 * SUBSCRIPTIONS }, (_, row) => ({
        ...(row % SUBSCRIPTIONS === 0 ? never : ended),
        open: 0,
        plans: 1,
      })),
    );
  },
};
