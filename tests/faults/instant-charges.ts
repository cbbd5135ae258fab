import { Client } from 'pg';
import { expect } from '@jest/globals';
import type { OrganizationClient } from '../support/organization-client.ts';
import type { RunningDurabill } from '../support/processes/running-durabill.ts';
import { SETTLED_WITHIN_MS, type WorkerStory } from './worker-story.ts';

const CUSTOMERS = 4;
const EVENTS = 30;

/** Events of a graduated charge with an invoice each, and of seats without invoices, of a few customers at once. */
async function charge(organization: OrganizationClient): Promise<void> {
  await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-10T09:00:00Z', mode: 'jump' } });
  const metricOf = async (billable_metric: object): Promise<string> => {
    const made = await organization.ok('POST', '/billable_metrics', { billable_metric });
    return made.billable_metric.lago_id;
  };
  const calls = await metricOf({ name: 'calls', code: 'calls', aggregation_type: 'count_agg' });
  const seats = { name: 'seats', code: 'seats', aggregation_type: 'unique_count_agg', field_name: 'seat' };
  const ranges = [
    { from_value: 0, to_value: 10, per_unit_amount: '1', flat_amount: '0' },
    { from_value: 11, to_value: null, per_unit_amount: '2', flat_amount: '0' },
  ];
  await organization.ok('POST', '/plans', {
    plan: {
      name: 'gold',
      code: 'gold',
      interval: 'monthly',
      amount_cents: 0,
      amount_currency: 'EUR',
      pay_in_advance: false,
      charges: [
        {
          billable_metric_id: calls,
          charge_model: 'graduated',
          pay_in_advance: true,
          properties: { graduated_ranges: ranges },
        },
        {
          billable_metric_id: await metricOf({ ...seats, recurring: true }),
          charge_model: 'standard',
          pay_in_advance: true,
          invoiceable: false,
          properties: { amount: '10' },
        },
      ],
    },
  });
  for (let index = 0; index < CUSTOMERS; index++) {
    await organization.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: `c${index}`, external_id: `s${index}`, plan_code: 'gold' },
    });
  }
  await Promise.all(
    Array.from({ length: CUSTOMERS }, async (_, customer) => {
      for (let event = 0; event < EVENTS; event++) {
        const code = event % 3 === 0 ? 'seats' : 'calls';
        const external_subscription_id = `s${customer}`;
        await organization.ok('POST', '/events', {
          event: { transaction_id: `e${event}`, external_subscription_id, code, properties: { seat: `${event % 9}` } },
        });
      }
    }),
  );
}

/** What each customer was charged: fees, invoices and their numbers, webhooks, and acts that are left. */
async function charged({ databaseUrl }: RunningDurabill, { organizationId }: OrganizationClient): Promise<unknown[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select customers.external_id,
              count(*)::int as fees, count(distinct fees.event_id)::int as events, sum(fees.amount_cents)::int as cents,
              count(distinct fees.invoice_id)::int as invoices, count(distinct invoices.number)::int as numbers,
              (select count(*)::int from acts where acts.customer_id = customers.id and acts.state <> 'done'
                 and acts.kind = 'instantCharge') as open
       from customers join fees on fees.customer_id = customers.id
         left join invoices on invoices.id = fees.invoice_id
       where customers.organization_id = $1
       group by customers.id order by 1`,
      [organizationId],
    );
    return rows as unknown[];
  } finally {
    await client.end();
  }
}

export const instantCharges: WorkerStory = {
  when: 'before and after the fees of charges in advance',
  places: ['instantCharge:before-commit', 'instantCharge:after-commit'],
  tell: async (_durabill, organization) => {
    await charge(organization);
    await organization.settled(SETTLED_WITHIN_MS);
  },
  outcome: charged,
  isRight: (outcome) => {
    // 20 calls: 10 at 1.00 and 10 at 2.00. Of the seats 0, 3 and 6 each came first once.
    const each = { fees: EVENTS, events: EVENTS, cents: 3000 + 3000, invoices: 20, numbers: 20, open: 0 };
    expect(outcome).toEqual(
      Array.from({ length: CUSTOMERS }, (_, customer) => ({ external_id: `c${customer}`, ...each })),
    );
  },
};
