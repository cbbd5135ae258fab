// What a change of a tax means for drafts, also for those that are being made at that moment, and for final documents
// (spec, money 1.1, 1.9; subscriptions-and-invoices 6.6).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { FlagDraftsArgument } from '../../../activities/invoices/flag-drafts-act.ts';
import { flagDraftsPage } from '../../../activities/invoices/flag-drafts.ts';
import { sql } from '../../../db/sql.ts';
import { activityDependencies } from '../../support/activity-dependencies.ts';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { until } from '../../support/until.ts';
import { whileCommitting } from '../../support/while-held.ts';
import { at, listeningApp, type Caller, type ListeningApp } from '../api/listening-app.ts';

const APRIL = '2023-04-01T00:00:00Z';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization();
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2023-03-01T00:00:00Z');
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'Plan',
      code: 'p',
      interval: 'monthly',
      amount_cents: 10_000,
      amount_currency: 'EUR',
      pay_in_advance: false,
    },
  });
  await caller.ok('POST', '/taxes', {
    tax: { name: 'VAT', code: 'vat', rate: 20, description: 'Of old', applied_to_organization: true },
  });
  await caller.ok('POST', '/taxes', { tax: { name: 'Local', code: 'local', rate: 5 } });
  await caller.ok('POST', '/customers', {
    customer: { external_id: 'c1', billing_configuration: { invoice_grace_period: 3 } },
  });
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c1', external_id: 's1', plan_code: 'p' },
  });
});
afterAll(() => app.close());

const invoice = async () => {
  const id = at(await caller.ok('GET', '/invoices'), 'invoices.0.lago_id') as string;
  return at(await caller.ok('GET', `/invoices/${id}`), 'invoice') as any;
};
const taxes = async () => {
  const { applied_taxes: rows, taxes_amount_cents: cents } = await invoice();
  return { cents, rows: rows.map((tax: any) => [tax.tax_code, tax.tax_name, tax.tax_rate]) };
};
const OLD = { cents: 2000, rows: [['vat', 'VAT', 20]] };

/** Does the acts that flag drafts, and no others. */
async function flagDraftsNow(): Promise<void> {
  const wanted = await app.rows<{ argument: FlagDraftsArgument }>(
    `select argument from acts where organization_id = $1 and kind = 'flagDrafts' and state <> 'done'`,
    [caller.organizationId],
  );
  const dependencies = activityDependencies(app.orm, () => new Date(APRIL));
  for (const { argument } of wanted) {
    const last = await new MockActivityEnvironment().run(() => flagDraftsPage(dependencies, argument, ''));
    expect(last).toBeNull();
  }
}

type Change = readonly [about: string, change: () => Promise<unknown>, after: Awaited<ReturnType<typeof taxes>>];

const CHANGES: readonly Change[] = [
  [
    'its rate',
    () => caller.ok('PUT', '/taxes/vat', { tax: { rate: 21 } }),
    { cents: 2100, rows: [['vat', 'VAT', 21]] },
  ],
  [
    'its name and code',
    () => caller.ok('PUT', '/taxes/vat', { tax: { name: 'TVA', code: 'tva' } }),
    { cents: 2000, rows: [['tva', 'TVA', 20]] },
  ],
  ['its deletion', () => caller.ok('DELETE', '/taxes/vat'), { cents: 0, rows: [] }],
  [
    'its removal from the organization',
    () => caller.ok('PUT', '/taxes/vat', { tax: { applied_to_organization: false } }),
    { cents: 0, rows: [] },
  ],
  [
    'another tax of the billing entity',
    () => caller.ok('PUT', '/billing_entities/default', { billing_entity: { tax_codes: ['LOCAL', 'vat'] } }),
    {
      cents: 2500,
      rows: [
        ['local', 'Local', 5],
        ['vat', 'VAT', 20],
      ],
    },
  ],
  [
    'a new tax for the organization',
    () => caller.ok('POST', '/taxes', { tax: { name: 'New', code: 'new', rate: 1, applied_to_organization: true } }),
    {
      cents: 2100,
      rows: [
        ['new', 'New', 1],
        ['vat', 'VAT', 20],
      ],
    },
  ],
];

const OF_OTHERS: readonly Change[] = [
  [
    "a tax of the customer's own",
    () => caller.ok('POST', '/customers', { customer: { external_id: 'c1', tax_codes: ['local'] } }),
    { cents: 500, rows: [['local', 'Local', 5]] },
  ],
  [
    'a tax of the plan',
    () => caller.ok('PUT', '/plans/p', { plan: { tax_codes: ['local'] } }),
    { cents: 500, rows: [['local', 'Local', 5]] },
  ],
];

describe('a draft', () => {
  test.each([...CHANGES, ...OF_OTHERS])('is made anew after %s', async (_about, change, after) => {
    await acts.run(APRIL);
    expect(await taxes()).toEqual(OLD);
    await change();
    expect(await taxes()).toEqual(OLD);
    await acts.run(APRIL);
    expect(await taxes()).toEqual(after);
  });

  test.each(CHANGES)('that is stored first holds up %s, which then has it made anew', async (_about, change, after) => {
    await whileCommitting(
      app.orm,
      async (em) =>
        (await sql(em, 'select 1 from invoices where organization_id = $1', [caller.organizationId])).length > 0,
      change,
      () => acts.run(APRIL),
    );
    await acts.run(APRIL);
    expect(await taxes()).toEqual(after);
  });

  test.each(CHANGES)('that has not seen %s, which is stored before it, is made anew', async (_about, change, after) => {
    // It has read the taxes when it comes to the fees.
    const holding = app.orm.em.fork();
    await holding.begin();
    await sql(holding, 'lock table fees in share row exclusive mode');
    const billing = acts.run(APRIL);
    await until(
      async () =>
        (await app.rows(`select 1 from pg_locks where not granted and relation = 'fees'::regclass`)).length > 0,
      'the draft waits',
    );
    await change();
    // Whoever looks for the drafts that it reaches does not find this one.
    await flagDraftsNow();
    await holding.rollback();
    await billing;
    await acts.run(APRIL);
    expect(await taxes()).toEqual(after);
  });

  test('is left alone by a tax that does not reach it', async () => {
    await caller.ok('POST', '/customers', { customer: { external_id: 'c1', tax_codes: ['local'] } });
    await acts.run(APRIL);
    await caller.ok('PUT', '/taxes/vat', { tax: { rate: 21 } });
    await acts.run(APRIL);
    expect(
      await app.rows(`select 1 from acts where kind = 'refresh' and organization_id = $1`, [caller.organizationId]),
    ).toEqual([]);
  });
});

describe('a final invoice', () => {
  test.each([...CHANGES, ...OF_OTHERS])('never moves after %s: it has a copy', async (_about, change) => {
    await acts.run(APRIL);
    await acts.run('2023-04-05T00:00:00Z');
    const before = await invoice();
    expect(before).toMatchObject({
      status: 'finalized',
      taxes_amount_cents: 2000,
      applied_taxes: [{ tax_code: 'vat', tax_name: 'VAT', tax_rate: 20, tax_description: 'Of old' }],
      fees: [{ applied_taxes: [{ tax_code: 'vat', tax_name: 'VAT', tax_rate: 20, tax_description: 'Of old' }] }],
    });
    await change();
    await acts.run('2023-04-06T00:00:00Z');
    const { customer: _then, subscriptions: _of, ...after } = await invoice();
    const { customer: _now, subscriptions: _since, ...same } = before;
    expect(after).toEqual(same);
  });
});

test('changes of one tax, of entities and drafts side by side all end, and no draft says what is old', async () => {
  await acts.run(APRIL);
  const { lago_id: id } = await invoice();
  const many = <T>(count: number, work: (index: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, index) => work(index)));
  const answers = await many(8, async (index) => {
    const sent = [
      await caller.send('PUT', '/taxes/vat', { tax: { rate: 10 + index, applied_to_organization: index % 2 === 0 } }),
      await caller.send('PUT', '/billing_entities/default', { billing_entity: { tax_codes: ['local', 'vat'] } }),
      await caller.send('PUT', `/invoices/${id}/refresh`),
      await caller.send('POST', '/customers', { customer: { external_id: 'c1', tax_codes: [] } }),
    ];
    return sent.map(({ status, body }) => (status === 200 ? 'done' : at(body, 'code')));
  });
  // Whoever comes too late is asked to come again; nobody meets an error of the server's.
  expect(answers.flat().filter((code) => code !== 'done' && code !== 'lock_acquisition_failed')).toEqual([]);
  await caller.ok('PUT', '/billing_entities/default', { billing_entity: { tax_codes: ['vat'] } });
  await caller.ok('PUT', '/taxes/vat', { tax: { rate: 7 } });
  await acts.run(APRIL);
  expect(await taxes()).toEqual({ cents: 700, rows: [['vat', 'VAT', 7]] });
});
