import { Client } from 'pg';
import { expect } from '@jest/globals';
import type { OrganizationClient } from '../support/organization-client.ts';
import type { RunningDurabill } from '../support/processes/running-durabill.ts';
import { SETTLED_WITHIN_MS, type WorkerStory } from './worker-story.ts';

const CUSTOMERS = 6;

const moveTo = async (organization: OrganizationClient, frozen_time: string, mode: 'jump' | 'advance') => {
  await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time, mode } });
  await organization.settled(SETTLED_WITHIN_MS);
};

/** Each customer has 16.00 of credit from a plan paid in advance, and three coupons. */
async function prepare(organization: OrganizationClient): Promise<void> {
  await moveTo(organization, '2023-01-01T00:00:00Z', 'jump');
  for (const [code, amount_cents, pay_in_advance] of [
    ['advance', 3100, true],
    ['arrears', 1000, false],
  ] as const) {
    await organization.ok('POST', '/plans', {
      plan: { name: code, code, interval: 'monthly', amount_cents, amount_currency: 'EUR', pay_in_advance },
    });
  }
  const customers = Array.from({ length: CUSTOMERS }, (_, index) => `c${index}`);
  for (const external_customer_id of customers) {
    for (const plan_code of ['advance', 'arrears']) {
      await organization.ok('POST', '/subscriptions', {
        subscription: { external_customer_id, external_id: `${external_customer_id}-${plan_code}`, plan_code },
      });
    }
  }
  await organization.settled(SETTLED_WITHIN_MS);
  await moveTo(organization, '2023-01-15T12:00:00Z', 'advance');
  for (const id of customers) await organization.ok('DELETE', `/subscriptions/${id}-advance`);
  await organization.settled(SETTLED_WITHIN_MS);
  for (const [code, terms] of Object.entries({
    once: { amount_cents: 600 },
    twice: { amount_cents: 70, frequency: 'recurring', frequency_duration: 2 },
    tenth: { coupon_type: 'percentage', percentage_rate: '10', frequency: 'forever' },
  })) {
    await organization.ok('POST', '/coupons', { coupon: { name: code, code, amount_currency: 'EUR', ...terms } });
    for (const external_customer_id of customers) {
      await organization.ok('POST', '/applied_coupons', {
        applied_coupon: { external_customer_id, coupon_code: code },
      });
    }
  }
  // Half of them get drafts.
  for (const [index, external_id] of customers.entries()) {
    if (index % 2 === 0) continue;
    await organization.ok('POST', '/customers', {
      customer: { external_id, billing_configuration: { invoice_grace_period: 3 } },
    });
  }
}

/** What was billed, and what is left of everybody's coupons and credit, without ids and in one order. */
async function left({ databaseUrl }: RunningDurabill, { organizationId }: OrganizationClient): Promise<unknown> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const rows = async (text: string): Promise<unknown[]> => (await client.query(text, [organizationId])).rows;
  try {
    return {
      invoices: await rows(
        `select customers.external_id as customer, invoices.number, invoices.status, fees_amount_cents::int as fees,
                coupons_amount_cents::int as coupons, credit_notes_amount_cents::int as notes,
                total_amount_cents::int as total,
                (select array_agg(amount_cents::int order by before_taxes, amount_cents) from credits
                 where credits.invoice_id = invoices.id) as credits
         from invoices join customers on customers.id = invoices.customer_id
         where invoices.organization_id = $1 order by 1, 2`,
      ),
      coupons: await rows(
        `select customers.external_id as customer, coupons.code, applied.status,
                applied.frequency_duration_remaining as remaining
         from applied_coupons applied join customers on customers.id = applied.customer_id
           join coupons on coupons.id = applied.coupon_id
         where applied.organization_id = $1 order by 1, 2`,
      ),
      notes: await rows(
        `select customers.external_id as customer, notes.number, credit_amount_cents::int as credit,
                balance_amount_cents::int as balance, credit_status as status,
                (select sum(amount_cents)::int from credits where credit_note_id = notes.id) as used
         from credit_notes notes join customers on customers.id = notes.customer_id
         where notes.organization_id = $1 order by 1, 2`,
      ),
    };
  } finally {
    await client.end();
  }
}

interface Left {
  readonly invoices: readonly { readonly fees: number; readonly coupons: number; readonly notes: number }[];
  readonly coupons: readonly { readonly code: string; readonly status: string; readonly remaining: number | null }[];
  readonly notes: readonly object[];
}

export const credits: WorkerStory = {
  when: 'at each place between a claim and a commit while coupons and credit notes are used',
  places: [
    'period:before-claim',
    'period:after-claim',
    'period:before-commit',
    'period:after-commit',
    'finalize:before-commit',
    'finalize:after-commit',
  ],
  settings: { document_number_prefix: 'ORG-1' },
  tell: async (_durabill, organization) => {
    await prepare(organization);
    await moveTo(organization, '2023-03-10T00:00:00Z', 'advance');
  },
  outcome: left,
  isRight: (outcome) => {
    const { invoices, coupons, notes } = outcome as Left;
    const arrears = invoices.filter(({ fees }) => fees === 1000);
    // 600, 70 and 10 % of 330 in the first month, 70 and 10 % of 930 in the second; credit pays the rest.
    expect(arrears.map(({ coupons: off, notes: paid }) => [off, paid])).toEqual(
      Array.from({ length: CUSTOMERS }, () => [
        [703, 297],
        [163, 837],
      ]).flat(),
    );
    expect(arrears.map((invoice) => ({ ...invoice }))).toEqual(
      arrears.map((invoice) => ({ ...invoice, status: 'finalized', total: 0 })),
    );
    expect(coupons.map(({ code, status, remaining }) => `${code} ${status} ${remaining}`)).toEqual(
      Array.from({ length: CUSTOMERS }, () => [
        'once terminated null',
        'tenth active null',
        'twice terminated 0',
      ]).flat(),
    );
    expect(notes).toHaveLength(CUSTOMERS);
    for (const note of notes) {
      expect(note).toMatchObject({ credit: 1600, balance: 466, used: 1134, status: 'available' });
    }
  },
};
