// npm run audit: a database that was billed has no findings; each kind of error that a check claims to find is planted,
// and found.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { checks } from '../../../db/audit/checks.ts';
import { openAudit, type CheckResult } from '../../../db/audit/open-audit.ts';
import { kinds } from '../../../activities/acts/kinds.ts';
import { actsByHand } from '../../support/acts-by-hand.ts';
import { startBare } from '../../support/processes/bare-process.ts';
import { copiedDatabase, type TestDatabase } from '../../support/servers/test-database.ts';
import { listeningApp } from '../api/listening-app.ts';

let billed: TestDatabase;

/**
 * Two organizations over half a year: arrears and advance, trial, weeks, a year billed monthly, endings, a later start,
 * moves, events.
 */
async function bill(): Promise<TestDatabase> {
  const app = await listeningApp();
  for (const name of ['One', 'Two']) {
    const caller = await app.organization({ name, document_number_prefix: name.toUpperCase() });
    const acts = actsByHand(app.orm, caller.organizationId);
    await acts.run('2024-01-10T08:00:00Z');
    await caller.ok('POST', '/billable_metrics', {
      billable_metric: { name: 'Miles', code: 'miles', aggregation_type: 'sum_agg', field_name: 'n' },
    });
    const { billable_metrics: metrics } = (await caller.ok('GET', '/billable_metrics')) as {
      billable_metrics: { lago_id: string }[];
    };
    const charges = [
      { billable_metric_id: metrics[0]?.lago_id, charge_model: 'standard', properties: { amount: '0.015' } },
    ];
    const plan = { amount_cents: 3100, amount_currency: 'EUR', interval: 'monthly', pay_in_advance: false, charges };
    await caller.ok('POST', '/taxes', { tax: { name: 'VAT', code: 'vat', rate: '19.6', description: 'At home' } });
    await caller.ok('POST', '/taxes', { tax: { name: 'City', code: 'city', rate: 2 } });
    const taxCodes: Readonly<Record<string, readonly string[]>> = { weekly: ['vat'], advance: ['vat', 'city'] };
    for (const [code, terms] of Object.entries({
      arrears: {},
      advance: { pay_in_advance: true },
      trial: { pay_in_advance: true, trial_period: 10 },
      weekly: { interval: 'weekly', amount_cents: 700 },
      yearly: { interval: 'yearly', amount_cents: 36_600, bill_charges_monthly: true },
    })) {
      await caller.ok('POST', '/plans', { plan: { name: code, code, ...plan, ...terms } });
      await caller.ok('POST', '/customers', {
        customer: {
          external_id: code,
          name: code,
          currency: 'EUR',
          timezone: 'Europe/Paris',
          tax_codes: taxCodes[code] ?? [],
        },
      });
      for (const billing_time of ['calendar', 'anniversary']) {
        await caller.ok('POST', '/subscriptions', {
          subscription: {
            external_customer_id: code,
            external_id: `${code}-${billing_time}`,
            plan_code: code,
            billing_time,
          },
        });
      }
    }
    await caller.ok('POST', '/subscriptions', {
      subscription: {
        external_customer_id: 'arrears',
        external_id: 'later',
        plan_code: 'arrears',
        subscription_at: '2024-09-01T00:00:00Z',
      },
    });
    await caller.ok('POST', '/customers', {
      customer: {
        external_id: 'graced',
        name: 'graced',
        currency: 'EUR',
        billing_configuration: { invoice_grace_period: 40 },
      },
    });
    await caller.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: 'graced', external_id: 'graced', plan_code: 'arrears' },
    });
    const value = { amount_cents: 5000, amount_currency: 'EUR' };
    for (const [code, external_customer_id, terms] of [
      ['once', 'weekly', value],
      ['fifth', 'arrears', { coupon_type: 'percentage', percentage_rate: '20' }],
      ['thrice', 'arrears', { ...value, amount_cents: 7, frequency: 'recurring', frequency_duration: 30 }],
      ['ever', 'graced', { ...value, amount_cents: 3, frequency: 'forever' }],
      ['limited', 'graced', { ...value, expiration: 'time_limit', expiration_at: '2030-01-01T00:00:00Z' }],
    ] as const) {
      await caller.ok('POST', '/coupons', { coupon: { name: code, code, ...terms } });
      await caller.ok('POST', '/applied_coupons', { applied_coupon: { external_customer_id, coupon_code: code } });
    }
    const moveTo = (timezone: string) =>
      caller.ok('POST', '/customers', { customer: { external_id: 'moving', currency: 'EUR', timezone } });
    await moveTo('UTC');
    for (const plan_code of ['arrears', 'advance', 'weekly', 'yearly']) {
      for (const billing_time of ['calendar', 'anniversary']) {
        const external_id = `moving-${plan_code}-${billing_time}`;
        await caller.ok('POST', '/subscriptions', {
          subscription: { external_customer_id: 'moving', external_id, plan_code, billing_time },
        });
      }
    }
    for (const month of ['01', '02', '03']) {
      const events = Array.from({ length: 30 }, (_, index) => ({
        transaction_id: `${month}-${index}`,
        external_subscription_id: index % 2 === 0 ? 'arrears-calendar' : 'yearly-calendar',
        code: 'miles',
        timestamp: Date.parse(`2024-${month}-${String((index % 28) + 1).padStart(2, '0')}T07:30:00Z`) / 1000,
        properties: { n: index + 0.5 },
      }));
      await caller.ok('POST', '/events/batch', { events });
    }
    const instantly = [
      { ...charges[0], pay_in_advance: true },
      { ...charges[0], pay_in_advance: true, invoiceable: false, tax_codes: ['vat', 'city'] },
    ];
    await caller.ok('POST', '/plans', { plan: { name: 'instant', code: 'instant', ...plan, charges: instantly } });
    await caller.ok('POST', '/customers', { customer: { external_id: 'instant', currency: 'EUR' } });
    await caller.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: 'instant', external_id: 'instant', plan_code: 'instant' },
    });
    await acts.run('2024-01-10T09:00:00Z');
    const events = ['1', '2', '3'].map((transaction_id) => ({
      transaction_id,
      external_subscription_id: 'instant',
      code: 'miles',
      timestamp: Date.parse('2024-01-10T09:00:00Z') / 1000,
      properties: { n: 100 },
    }));
    await caller.ok('POST', '/events/batch', { events });
    await acts.advance('2024-03-20T00:00:00Z');
    for (const ended of ['arrears-anniversary', 'advance-calendar', 'weekly-calendar']) {
      await caller.ok('DELETE', `/subscriptions/${ended}`);
    }
    await moveTo('America/New_York');
    await acts.advance('2024-05-03T12:00:00Z');
    await moveTo('Asia/Tokyo');
    // At once, before anything is billed in the new zone.
    for (const ended of ['moving-arrears-calendar', 'moving-yearly-calendar']) {
      await caller.ok('DELETE', `/subscriptions/${ended}`);
    }
    await acts.advance('2024-06-15T00:00:00Z');
    // Paid in advance till July: what is credited is left, as nothing follows.
    await caller.ok('DELETE', '/subscriptions/trial-anniversary');
    await acts.run('2024-06-15T00:00:00Z');
  }
  return app.closeAndKeep();
}

async function audit(databaseUrl: string, options: { full?: boolean; only?: string } = {}): Promise<CheckResult[]> {
  const opened = await openAudit(databaseUrl, {
    full: options.full ?? false,
    seed: 'test',
    kinds: new Set(Object.keys(kinds)),
  });
  try {
    const results: CheckResult[] = [];
    for (const check of checks.filter(({ name }) => options.only === undefined || name === options.only)) {
      results.push(await opened.run(check, () => undefined));
    }
    return results;
  } finally {
    await opened.close();
  }
}

const brokenOf = (results: readonly CheckResult[]) =>
  results.flatMap(({ name, broken }) => broken.map(({ holds, count }) => `${name}: ${holds} ${count}`));

beforeAll(async () => {
  billed = await bill();
});
afterAll(() => billed.drop());

describe('a billed database', () => {
  test('has no findings, and a good deal was looked at', async () => {
    const results = await audit(billed.databaseUrl, { full: true });
    expect(brokenOf(results)).toEqual([]);
    const looked = Object.fromEntries(results.map(({ name, examined }) => [name, Number.parseInt(examined, 10)]));
    expect(looked['totals']).toBeGreaterThan(100);
    expect(looked['windows']).toBeGreaterThan(100);
    expect(looked['credit-notes']).toBeGreaterThan(1);
    expect(looked['charges-in-advance']).toBeGreaterThan(1);
    expect(looked['once']).toBeGreaterThan(60);
    expect(looked['tenancy']).toBeGreaterThan(20);
    expect(looked['rollups']).toBeGreaterThan(50);
  });

  test('the sample finds no other truth than the whole', async () => {
    expect(brokenOf(await audit(billed.databaseUrl, { only: 'rollups' }))).toEqual([]);
  });
});

/** The second of a subscription's periodic lines, in the order of their windows. */
const second = (externalId: string) => `(
  select line.id from invoice_subscriptions line join subscriptions on subscriptions.id = line.subscription_id
  where subscriptions.external_id = '${externalId}' and line.invoicing_reason = 'subscription_periodic'
  order by line.organization_id, line.timestamp offset 1 limit 1)`;

/** The second invoice of a customer of the first organization, which has more. */
const invoiceOf = (customer: string) => `(
  select invoices.id from invoices join customers on customers.id = invoices.customer_id
  where customers.external_id = '${customer}' and invoices.sequential_id = 2 order by invoices.organization_id limit 1)`;
const anInvoice = invoiceOf('weekly');
const aFee = `(select id from fees where amount_cents > 10 and invoice_id = ${anInvoice} order by id limit 1)`;
/** A fee of the second charge in advance of `instant`, which has two taxes and no invoice. */
const aLoneFee = `(select id from fees where invoice_id is null and amount_cents > 10 order by id limit 1)`;
const COPIED_TAXES =
  'Every tax on a fee is on its invoice, with the same copy of what it says, and the other way round.';
/** What a note paid, and one with something left. */
const aNoteCredit = `(select id from credits where credit_note_id is not null order by id limit 1)`;
const PARTS_OF_NOTES = 'Credit notes refund no more of an invoice than was paid, and offset no more than was not.';
const aNote = `(select id from credit_notes where balance_amount_cents > 0 order by id limit 1)`;
const anActive = `(select id from subscriptions where status = 'active' and external_id = 'weekly-anniversary' order by id limit 1)`;
const doneAct = `(select acts.id from acts join subscriptions on subscriptions.id = acts.subscription_id
  where kind = 'period' and state = 'done' and subscriptions.external_id = 'weekly-anniversary' order by acts.id limit 1)`;

/** What a hand-made change could do to a database, and which rules then do not hold. */
const PLANTED: readonly (readonly [check: string, what: string, sql: string, rules: readonly string[]])[] = [
  [
    'windows',
    'a gap in usage',
    `update invoice_subscriptions set charges_from_datetime = charges_from_datetime + interval '1 day' where id = ${second('arrears-calendar')}`,
    ['No time of a subscription is left out between two invoices (usage charges).'],
  ],
  [
    'windows',
    'an overlap in usage',
    `update invoice_subscriptions set charges_from_datetime = charges_from_datetime - interval '1 minute' where id = ${second('yearly-calendar')}`,
    ['No time of a subscription is billed twice (usage charges).'],
  ],
  [
    'windows',
    'a gap in fees in advance',
    `update invoice_subscriptions set from_datetime = from_datetime + interval '1 hour' where id = ${second('advance-anniversary')}`,
    ['No time of a subscription is left out between two invoices (subscription fee).'],
  ],
  [
    'windows',
    'an overlap in fees',
    `update invoice_subscriptions set from_datetime = from_datetime - interval '1 day' where id = ${second('weekly-anniversary')}`,
    ['No time of a subscription is billed twice (subscription fee).'],
  ],
  [
    'windows',
    'an overlap in fixed charges',
    `update invoice_subscriptions set fixed_charges_from_datetime = fixed_charges_from_datetime - interval '1 day' where id = ${second('weekly-anniversary')}`,
    ['No time of a subscription is billed twice (fixed charges).'],
  ],
  [
    'windows',
    'a deleted invoice',
    `delete from invoice_subscriptions where id = ${second('weekly-anniversary')}`,
    [
      'No time of a subscription is left out between two invoices (subscription fee).',
      'No time of a subscription is left out between two invoices (usage charges).',
      'No time of a subscription is left out between two invoices (fixed charges).',
    ],
  ],
  [
    'windows',
    'one time of an external id billed to two subscriptions',
    `update subscriptions set external_id = 'arrears-calendar' where external_id = 'arrears-anniversary'`,
    ['Of the subscriptions with one external id, one has the usage of a time.'],
  ],
  [
    'windows',
    'a last day that is not billed',
    `update invoice_subscriptions set charges_to_datetime = charges_to_datetime - interval '1 hour'
       where id = (select id from invoice_subscriptions where invoicing_reason = 'subscription_terminating' order by id limit 1)`,
    ['The last invoice of a subscription bills its usage until the end.'],
  ],
  [
    'windows',
    'a window that ends before it begins',
    `update invoice_subscriptions set to_datetime = from_datetime - interval '1 second' where id = (
       select line.id from invoice_subscriptions line join subscriptions on subscriptions.id = line.subscription_id
       where subscriptions.external_id = 'arrears-calendar' order by line.organization_id, line.timestamp desc limit 1)`,
    ['A window ends after it begins.'],
  ],
  [
    'totals',
    'a fee that is gone',
    `delete from fees where id = ${aFee}`,
    ['The fees of an invoice add up to its amount of fees.'],
  ],
  [
    'totals',
    'a fee of a cent more',
    `update fees set amount_cents = amount_cents + 1 where id = ${aFee}`,
    ['The fees of an invoice add up to its amount of fees.', 'The cents of a fee are its precise amount, rounded.'],
  ],
  [
    'totals',
    'a coupon that nobody subtracted',
    `update invoices set coupons_amount_cents = 1 where id = ${anInvoice}`,
    ['Fees less credits before taxes make the sub total without taxes.'],
  ],
  [
    'totals',
    'taxes without a tax',
    `update invoices set taxes_amount_cents = 500, sub_total_including_taxes_amount_cents = sub_total_including_taxes_amount_cents + 500,
       total_amount_cents = total_amount_cents + 500 where id = ${anInvoice}`,
    ['The taxes of an invoice are those of its fees, up to rounding.'],
  ],
  [
    'totals',
    'taxes that nobody added',
    `update invoices set taxes_amount_cents = 1 where id = ${anInvoice}`,
    ['With taxes it makes the sub total with taxes.'],
  ],
  [
    'totals',
    'another total',
    `update invoices set total_amount_cents = total_amount_cents + 1 where id = ${anInvoice}`,
    ['Less credit notes and prepaid credits it makes the total.'],
  ],
  [
    'totals',
    'more paid than asked',
    `update invoices set total_paid_amount_cents = total_amount_cents + 1 where id = ${anInvoice}`,
    ['No amount is negative, and nobody has paid more than the total.'],
  ],
  [
    'totals',
    'another currency',
    `update fees set amount_currency = 'USD' where id = ${aFee}`,
    ['A fee has the currency of its invoice.'],
  ],
  [
    'numbers',
    'a number taken away',
    `update invoices set sequential_id = null where id = ${anInvoice}`,
    ['What is finalized or voided has a number, and nothing else has.', 'The sequence of a customer'],
  ],
  [
    'numbers',
    'a hole',
    `update invoices set sequential_id = sequential_id + 1000, number = regexp_replace(number, '[0-9]+$', (sequential_id + 1000)::text)
       where id = ${anInvoice}`,
    ['The sequence of a customer', 'The counter of a customer'],
  ],
  [
    'numbers',
    'a repeat',
    `drop index invoices_sequence; update invoices set sequential_id = 1, number = regexp_replace(number, '[0-9]+$', '001')
       where id = ${anInvoice}`,
    ['The sequence of a customer'],
  ],
  [
    'numbers',
    'one number from two billing entities',
    `update invoices set number = (select number from invoices other where other.id = ${anInvoice}),
       billing_entity_id = gen_random_uuid()
       where id = (select invoices.id from invoices join customers on customers.id = invoices.customer_id
                   where customers.external_id = 'advance' and invoices.sequential_id = 2 order by invoices.organization_id limit 1)`,
    ['An organization gives a number once.'],
  ],
  [
    'numbers',
    'a counter set back',
    `update invoice_sequences set sequence = sequence - 1 where customer_id = (select min(customer_id::text)::uuid from invoice_sequences)`,
    ['The counter of a customer and billing entity stands at the last number given out.'],
  ],
  [
    'numbers',
    'a hole in the sequence of an entity',
    `update invoices set entity_sequential_id = numbered.n + case when n > 5 then 1 else 0 end,
            number = 'X-202401-' || lpad((numbered.n + case when n > 5 then 1 else 0 end)::text, 3, '0'), finalized_at = '2024-01-01'::timestamptz + numbered.n * interval '1 day'
       from (select id, row_number() over (partition by billing_entity_id order by id) as n from invoices where sequential_id is not null) numbered
       where numbered.id = invoices.id`,
    ['The sequence of a billing entity has no holes while it is in use.'],
  ],
  [
    'numbers',
    'a number that says something else',
    `update invoices set number = 'ONE-001-999' where id = ${anInvoice}`,
    ['The text of a number says its sequence.'],
  ],
  [
    'acts',
    'an act that is gone',
    `delete from acts where subscription_id = ${anActive} and state <> 'done'`,
    ['An active subscription has exactly one open act of its period, unless that failed.'],
  ],
  [
    'acts',
    'a second act',
    `insert into acts (id, organization_id, kind, state, queue, argument, rank, subscription_id, summary, due_at, changed_at, created_at)
       select id || 'x', organization_id, kind, state, queue, '{}', rank, subscription_id, summary, due_at, changed_at, created_at
       from acts where subscription_id = ${anActive} and state <> 'done'`,
    ['An active subscription has exactly one open act of its period, unless that failed.'],
  ],
  [
    'acts',
    'an act that outlives its subscription',
    `update acts set state = 'waiting', changed_at = changed_at - interval '1 hour' where id = (
       select acts.id from acts join subscriptions on subscriptions.id = acts.subscription_id
       where subscriptions.status = 'terminated' and acts.kind = 'period' order by acts.due_at desc, acts.id limit 1)`,
    ['A subscription that has ended has no open act of a period.'],
  ],
  [
    'acts',
    'a start without its act',
    `delete from acts where kind = 'activate' and organization_id = (select min(organization_id::text)::uuid from acts)`,
    ['A subscription that starts later has the act that starts it.'],
  ],
  [
    'acts',
    'an end without its invoice',
    `delete from invoice_subscriptions where id = (
       select id from invoice_subscriptions where invoicing_reason = 'subscription_terminating' order by id limit 1);
     delete from acts where kind = 'end'`,
    ['A subscription that has ended has its last invoice, or an act that makes it.'],
  ],
  [
    'acts',
    'a draft that nobody finalizes',
    `delete from acts where kind = 'finalize' and state <> 'done'`,
    ['A draft has the act that finalizes it.'],
  ],
  [
    'acts',
    'an act done for nothing',
    `delete from invoice_subscriptions where id = (
       select id from invoice_subscriptions where invoicing_reason = 'subscription_starting' order by id limit 1)`,
    ['The act of a first invoice is done once there is one.'],
  ],
  [
    'acts',
    'a last invoice that is gone',
    `update acts set state = 'done' where kind = 'end';
     delete from invoice_subscriptions where invoicing_reason = 'subscription_terminating'`,
    ['The act of a last invoice is done once there is one.'],
  ],
  [
    'acts',
    'a claimed period whose act is still open',
    `update acts set state = 'waiting', changed_at = changed_at - interval '1 hour' where id = ${doneAct}`,
    ['The act of a period is done once the period is claimed, and not before.'],
  ],
  [
    'acts',
    'a claim of an invoice that is not there',
    `update billing_claims set invoice_id = gen_random_uuid() where period_key = (select min(period_key) from billing_claims)`,
    ['A claimed period is on the invoice that claims it.'],
  ],
  [
    'acts',
    'a claim without its line',
    `delete from invoice_subscriptions where id = ${second('weekly-anniversary')}`,
    ['A claimed period is on the invoice that claims it.'],
  ],
  [
    'acts',
    'a period done without a claim',
    `delete from billing_claims using acts where acts.id = ${doneAct} and billing_claims.subscription_id = acts.subscription_id
       and billing_claims.period_key = acts.argument ->> 'periodKey'`,
    ['The act of a period is done once the period is claimed, and not before.'],
  ],
  [
    'acts',
    'an act that nobody starts',
    `update acts set state = 'wanted', due_at = null, changed_at = clock_timestamp() - interval '1 hour' where subscription_id = ${anActive} and state <> 'done'`,
    ['What is wanted is started within minutes.'],
  ],
  [
    'acts',
    'a moment that has passed',
    `update organizations set clock_now = null; update acts set changed_at = changed_at - interval '1 hour', state = 'waiting' where state <> 'done'`,
    ['What waits for a moment is done when the moment has come.'],
  ],
  [
    'acts',
    'an act that failed',
    `update acts set state = 'failed', error = 'the plan has no price' where subscription_id = ${anActive} and state <> 'done'`,
    ['Nothing has failed.'],
  ],
  [
    'acts',
    'an invoice that could not be made',
    `update invoices set status = 'generating' where id = ${anInvoice}`,
    ['Every invoice could be made.'],
  ],
  [
    'tenancy',
    'a fee of another customer',
    `update fees set customer_id = (select id from customers where organization_id = fees.organization_id and id <> fees.customer_id limit 1) where id = ${aFee}`,
    ['A fee has the customer_id of its invoice.'],
  ],
  [
    'tenancy',
    'a fee of another billing entity',
    `update fees set billing_entity_id = gen_random_uuid() where id = ${aFee}`,
    ['A fee has the billing_entity_id of its invoice.'],
  ],
  [
    'tenancy',
    'a fee of another organization',
    `update fees set organization_id = (select id from organizations where id <> fees.organization_id limit 1) where id = ${aFee}`,
    ['A fee has the organization_id of its invoice.', 'fees.customer_id names a row of the same organization.'],
  ],
  [
    'tenancy',
    'an act about another organization',
    `update acts set customer_id = (select id from customers where organization_id <> acts.organization_id limit 1) where subscription_id = ${anActive}`,
    ['acts.customer_id names a row of the same organization.'],
  ],
  [
    'tenancy',
    "another customer's subscription on an invoice",
    `update invoice_subscriptions set subscription_id = (
       select id from subscriptions where organization_id = invoice_subscriptions.organization_id and external_id = 'trial-calendar')
     where id = ${second('weekly-anniversary')}`,
    ['An invoice bills subscriptions of its own customer only.'],
  ],
  [
    'once',
    'a day that is billed twice',
    `insert into invoice_subscriptions (id, organization_id, invoice_id, subscription_id, timestamp, recurring, invoicing_reason, created_at)
       select gen_random_uuid(), organization_id, ${invoiceOf('yearly')}, subscription_id, timestamp, recurring, invoicing_reason, created_at
       from invoice_subscriptions where id = ${second('weekly-anniversary')}`,
    ['A due moment of a subscription is on one invoice.'],
  ],
  [
    'once',
    'a fee that is there twice',
    `insert into fees select (jsonb_populate_record(fees, jsonb_build_object('id', gen_random_uuid(), 'invoice_id', (
         select id from invoices where organization_id = fees.organization_id and customer_id <> fees.customer_id order by id limit 1)))).*
       from fees where fee_type = 'subscription' and from_datetime < to_datetime order by id limit 1`,
    ['A window has one subscription fee.'],
  ],
  [
    'once',
    'a claim that is gone',
    `delete from billing_claims using acts where acts.id = ${doneAct} and billing_claims.subscription_id = acts.subscription_id
       and billing_claims.period_key = acts.argument ->> 'periodKey'`,
    ['A periodic invoice has a claim on what it bills.'],
  ],
  [
    'acts',
    'a draft that nothing finalizes',
    `update invoices set status = 'draft' where id = ${anInvoice}`,
    ['A draft has the act that finalizes it.'],
  ],
  [
    'rollups',
    'an hour that counts one event more',
    `update usage_rollups set events_count = events_count + 1 where ctid = (select min(ctid) from usage_rollups)`,
    ['Rollups are what the events add up to.'],
  ],
  [
    'rollups',
    'another sum',
    `update usage_rollups set sum = sum + 0.1 where ctid = (select min(ctid) from usage_rollups)`,
    ['Rollups are what the events add up to.'],
  ],
  [
    'rollups',
    'another price that events bring',
    `update usage_rollups set amount = coalesce(amount, 0) + 0.1 where ctid = (select min(ctid) from usage_rollups)`,
    ['Rollups are what the events add up to.'],
  ],
  [
    'rollups',
    'a maximum of another metric',
    `update usage_rollups set max = 1e9 where ctid = (select min(ctid) from usage_rollups)`,
    ['Rollups are what the events add up to.'],
  ],
  [
    'rollups',
    'a latest value of another metric',
    `update usage_rollups set latest = 'x' where ctid = (select min(ctid) from usage_rollups)`,
    ['Rollups are what the events add up to.'],
  ],
  [
    'rollups',
    'times that nothing was weighted by',
    `update usage_rollups set moment = 1e9 where ctid = (select min(ctid) from usage_rollups)`,
    ['Rollups are what the events add up to.'],
  ],
  [
    'rollups',
    'an hour that was rolled up by other keys',
    `update usage_rollups set keys = '{"region": "eu"}' where ctid = (select min(ctid) from usage_rollups)`,
    ['Rollups are what the events add up to.'],
  ],
  [
    'rollups',
    'a metric whose keys changed without a rebuild',
    `update billable_metrics set rollup_keys = '["region"]'`,
    ['Rollups are what the events add up to.'],
  ],
  [
    'rollups',
    'an event that is gone',
    `delete from events where id = (select id from events order by id limit 1)`,
    ['Rollups are what the events add up to.'],
  ],
  [
    'coupons',
    'a credit that is gone',
    `delete from credits where id = (
       select id from credits where applied_coupon_id is not null order by id limit 1)`,
    ['What coupons took off an invoice is the sum of its credits, and a draft has none.'],
  ],
  [
    'coupons',
    'a cent more off a fee',
    `update fees set precise_coupons_amount_cents = precise_coupons_amount_cents + 1 where id = ${aFee}`,
    ['What coupons took off an invoice was taken off its fees, up to rounding.'],
  ],
  [
    'coupons',
    'more than there was',
    `update applied_coupons set amount_cents = 1 where coupon_id in (select id from coupons where code = 'once')`,
    ['An amount that is taken once is never more than it was.'],
  ],
  [
    'coupons',
    'one that is used up and goes on',
    `update applied_coupons set status = 'active' where status = 'terminated'`,
    ['A coupon that is used up is terminated.'],
  ],
  [
    'coupons',
    'a percentage that was taken twice',
    `insert into credits select (jsonb_populate_record(credits, jsonb_build_object('id', gen_random_uuid(), 'invoice_id', ${anInvoice}))).*
       from credits where applied_coupon_id in (
         select applied.id from applied_coupons applied join coupons on coupons.id = applied.coupon_id where coupons.code = 'fifth')`,
    ['A percentage that is taken once is on one invoice at most.'],
  ],
  [
    'coupons',
    'an invoice that was not counted',
    `update applied_coupons set frequency_duration_remaining = frequency_duration_remaining + 1 where frequency = 'recurring'`,
    ['A recurring coupon has as many invoices left as it has not been on.'],
  ],
  [
    'coupons',
    'a credit in another currency',
    `update credits set amount_currency = 'USD' where id = (
       select id from credits where applied_coupon_id is not null order by id limit 1)`,
    ['A credit is of a coupon of the same customer, in the currency of its invoice.'],
  ],
  [
    'coupons',
    'a deleted coupon that somebody has',
    `update coupons set deleted_at = created_at where code = 'ever'`,
    ['Nobody has a coupon that was deleted.'],
  ],
  [
    'credit-notes',
    'a credit that is gone',
    `delete from credits where id = ${aNoteCredit}`,
    [
      'What credit notes paid of an invoice is the sum of its credits, and a draft has none.',
      'The balance of a credit note is its credit without what it paid; a voided one has none.',
    ],
  ],
  [
    'credit-notes',
    'a cent more paid of a fee',
    `update fees set precise_credit_notes_amount_cents = precise_credit_notes_amount_cents + 1 where id = ${aFee}`,
    ['What credit notes paid of an invoice was paid of its fees, to each its part.'],
  ],
  [
    'credit-notes',
    'more paid of a fee than it costs',
    `update fees set precise_credit_notes_amount_cents = amount_cents + taxes_amount_cents + 1 where id = ${aFee}`,
    ['Credit notes pay of a fee no more than it costs with its taxes and without its coupons.'],
  ],
  [
    'credit-notes',
    'a balance that nobody used',
    `update credit_notes set balance_amount_cents = balance_amount_cents - 1 where id = ${aNote}`,
    ['The balance of a credit note is its credit without what it paid; a voided one has none.'],
  ],
  [
    'credit-notes',
    'a voided note with a balance',
    `update credit_notes set credit_status = 'voided' where id = ${aNote}`,
    [
      'The balance of a credit note is its credit without what it paid; a voided one has none.',
      'A credit note with a balance is available, one without is consumed or voided.',
    ],
  ],
  [
    'credit-notes',
    'a note that pays its own invoice',
    `update credit_notes set invoice_id = (select invoice_id from credits where id = ${aNoteCredit})
       where id = (select credit_note_id from credits where id = ${aNoteCredit})`,
    [
      'A credit note pays invoices of its customer in its currency, and never the one that it credits.',
      'A credit note takes from fees of its own invoice.',
    ],
  ],
  [
    'credit-notes',
    'an item of more than its fee',
    `update credit_note_items set amount_cents = 1000000 where credit_note_id = ${aNote}`,
    ['All credit notes together take of a fee no more than it has.'],
  ],
  [
    'credit-notes',
    'a note of more than its invoice',
    `update credit_notes set credit_amount_cents = credit_amount_cents + 1000000,
         total_amount_cents = total_amount_cents + 1000000,
         sub_total_excluding_taxes_amount_cents = sub_total_excluding_taxes_amount_cents + 1000000
       where id = ${aNote}`,
    ['All credit notes of an invoice together are no more than the invoice.'],
  ],
  [
    'credit-notes',
    'a draft of an invoice that is final',
    `update credit_notes set status = 'draft' where id = ${aNote}`,
    ['The credit note of a draft is a draft, and no other is.'],
  ],
  [
    'credit-notes',
    'an offset that no note has',
    `update invoices set total_offset_amount_cents = 1 where id = ${anInvoice}`,
    ['What is offset of an invoice is what its credit notes say.'],
  ],
  [
    'credit-notes',
    'a refund of what nobody has paid',
    `update credit_notes set refund_amount_cents = total_amount_cents, credit_amount_cents = 0, balance_amount_cents = 0
       where id = ${aNote}`,
    [PARTS_OF_NOTES],
  ],
  [
    'credit-notes',
    'an offset of what is paid',
    `update invoices set total_paid_amount_cents = total_amount_cents where id = (
       select invoice_id from credit_notes where id = ${aNote});
     update credit_notes set offset_amount_cents = total_amount_cents, credit_amount_cents = 0, balance_amount_cents = 0
       where id = ${aNote}`,
    [PARTS_OF_NOTES],
  ],
  [
    'credit-notes',
    'a tax that is not on the invoice',
    `insert into credit_note_applied_taxes (id, organization_id, credit_note_id, tax_code, tax_name, tax_rate,
                                            amount_cents, amount_currency, base_amount_cents, created_at)
       select gen_random_uuid(), organization_id, id, 'vat', 'VAT', 19.6, 1, currency, 5, created_at
       from credit_notes where id = ${aNote}`,
    ['Every tax of a credit note is on its invoice, with the same copy.'],
  ],
  [
    'coupons',
    'an end that nobody waits for',
    `delete from acts where kind = 'expireCoupon'`,
    ['A coupon with an end has the act that ends it.'],
  ],
  [
    'taxes',
    'a cent of tax that nobody owes, on a fee',
    `update fees set taxes_amount_cents = taxes_amount_cents + 1 where id = ${aFee}`,
    ['The taxes of a fee are its rates of what it costs without its coupons, rounded once.'],
  ],
  [
    'taxes',
    'a cent of tax that nobody owes, on a fee without an invoice',
    `update fees set taxes_amount_cents = taxes_amount_cents + 1 where id = ${aLoneFee}`,
    ['The taxes of a fee are its rates of what it costs without its coupons, rounded once.'],
  ],
  [
    'taxes',
    'another rate of a fee',
    `update fees set taxes_rate = taxes_rate + 0.1 where id = ${aFee}`,
    ['The rate of a fee is the sum of the rates of its taxes.'],
  ],
  [
    'taxes',
    'a cent more of one tax, on a fee',
    `update fees set applied_taxes = jsonb_set(applied_taxes, '{0,amountCents}',
         to_jsonb(((applied_taxes->0->>'amountCents')::int + 1)::text)) where id = ${aFee}`,
    ['Each tax on a fee is its rate of what the fee costs, rounded by itself.'],
  ],
  [
    'taxes',
    'a cent more of one tax, on a fee without an invoice',
    `update fees set applied_taxes = jsonb_set(applied_taxes, '{1,amountCents}', '"1000"') where id = ${aLoneFee}`,
    ['Each tax on a fee is its rate of what the fee costs, rounded by itself.'],
  ],
  [
    'taxes',
    'a cent more of one tax, on an invoice',
    `update invoice_applied_taxes set amount_cents = amount_cents + 1 where invoice_id = ${anInvoice}`,
    ['Each tax on an invoice is its rate of the fees that have it, rounded by itself.'],
  ],
  [
    'taxes',
    'a tax of more than the fees',
    `update invoice_applied_taxes set fees_amount_cents = fees_amount_cents + 1 where invoice_id = ${anInvoice}`,
    ['Each tax on an invoice is its rate of the fees that have it, rounded by itself.'],
  ],
  [
    'taxes',
    'a tax of another rate',
    `update invoice_applied_taxes set tax_rate = 25 where invoice_id = ${anInvoice}`,
    [COPIED_TAXES],
  ],
  [
    'taxes',
    'a tax that has got another name',
    `update invoice_applied_taxes set tax_name = 'New' where invoice_id = ${anInvoice}`,
    [COPIED_TAXES],
  ],
  [
    'taxes',
    'a tax that has lost its description',
    `update fees set applied_taxes = jsonb_set(applied_taxes, '{0,description}', 'null') where id = ${aFee}`,
    [COPIED_TAXES],
  ],
  [
    'taxes',
    'a cent of tax that nobody owes, on an invoice',
    `update invoices set taxes_amount_cents = taxes_amount_cents + 1 where id = ${anInvoice}`,
    ['The taxes of an invoice are the rates of all its fees, rounded once.'],
  ],
  [
    'taxes',
    'a final invoice whose taxes are awaited',
    `update invoices set tax_status = 'pending' where id = ${anInvoice}`,
    ['No final invoice waits for its taxes.'],
  ],
  [
    'taxes',
    'an invoice that waits for nothing',
    `update invoices set status = 'pending', tax_status = 'pending' where id = ${anInvoice}`,
    ['An invoice that waits for its taxes has a check or an act that will tell.'],
  ],
  [
    'taxes',
    'a check that nobody makes',
    `insert into vies_checks (id, organization_id, customer_id, tax_identification_number, created_at)
       select gen_random_uuid(), organization_id, id, 'IT10000000001', created_at from customers limit 1`,
    ['A check of a VAT number that has no answer has the act that asks.'],
  ],
  [
    'charges-in-advance',
    'an event that is charged twice',
    `drop index fees_one_of_event; update fees set event_id = (select event_id from fees where event_id is not null order by id limit 1)
       where event_id is not null`,
    ['An event has one fee at most for each charge.'],
  ],
  [
    'charges-in-advance',
    'a cent more than was charged',
    `update running_usages set fees_amount_cents = fees_amount_cents + 1`,
    ['Where usage stands is the sum of its fees.'],
  ],
  [
    'charges-in-advance',
    'an event that nobody charged',
    `delete from fees where event_id is not null`,
    ['An event that a charge in advance counts has its fee, or an act that is still to be done.'],
  ],
];

describe('what is planted is found', () => {
  test.each(PLANTED)('%s: %s', async (check, _what, sql, rules) => {
    const copy = await copiedDatabase(billed);
    try {
      const client = new Client({ connectionString: copy.databaseUrl });
      client.on('error', () => undefined);
      await client.connect();
      // What a restored backup or a hand-made change can do in spite of foreign keys.
      await client.query(`set session_replication_role = replica; ${sql}`);
      await client.end();
      const broken = brokenOf(await audit(copy.databaseUrl, { only: check }));
      for (const rule of rules) expect(broken).toContainEqual(expect.stringContaining(rule));
    } finally {
      await copy.drop();
    }
  });

  test('every rule that can be broken is planted', async () => {
    const planted = new Set(PLANTED.flatMap(([, , , rules]) => rules));
    const asked: string[] = [];
    for (const check of checks) {
      await check.run({
        rows: () => Promise.resolve([]),
        find: ({ holds }) => Promise.resolve(void asked.push(holds)),
        examined: () => undefined,
        progress: () => undefined,
        options: { full: true, kinds: new Set(Object.keys(kinds)), seed: '' },
      });
    }
    const missing = asked.filter((rule) => ![...planted].some((found) => rule.startsWith(found)));
    expect(missing).toEqual([]);
  });
});

describe('the command', () => {
  const run = async (databaseUrl: string, ...parameters: string[]) => {
    const bare = startBare('scripts/audit.ts', { DATABASE_URL: databaseUrl, NO_COLOR: '1' }, parameters);
    return { code: await bare.ended, output: bare.output() };
  };

  test('says a line for each check, and exits with 0 when nothing is found', async () => {
    const { code, output } = await run(billed.databaseUrl, '--seed=abc');
    expect([code, output.trimEnd().split('\n').at(-1)]).toEqual([0, 'Nothing found']);
    expect(output.match(/^✓ /gm)).toHaveLength(checks.length);
    expect(output).toMatch(/^✓ Invoices equal their parts +\d+ invoices \(\d+\.\d s\)$/m);
  });

  test('shows what it found with what to do, and exits with 1; a failed act alone is no error', async () => {
    const copy = await copiedDatabase(billed);
    const client = new Client({ connectionString: copy.databaseUrl });
    await client.connect();
    await client.query(
      `update acts set state = 'failed', error = 'no price' where subscription_id = ${anActive} and state <> 'done'`,
    );
    const warned = await run(copy.databaseUrl);
    await client.query('update invoices set total_amount_cents = total_amount_cents + 1');
    await client.end();
    const broken = await run(copy.databaseUrl, '--only=totals');
    const asJson = await run(copy.databaseUrl, '--only=totals', '--json');
    await copy.drop();
    expect(warned.code).toBe(0);
    expect(warned.output).toMatch(
      /^! Should hold: Nothing has failed\.\n {4}act period\/\S+: no price\n {2}What to do: Correct/m,
    );
    expect(broken.code).toBe(1);
    expect(broken.output).toMatch(/^✗ Should hold: Less credit notes and prepaid credits it makes the total\.$/m);
    expect(broken.output.match(/^ {4}invoice [0-9a-f-]{36}: total_amount_cents is /gm)).toHaveLength(20);
    expect(broken.output).toMatch(/^ {4}\.\.\. and \d+ more$/m);
    expect(asJson.code).toBe(1);
    expect(JSON.parse(asJson.output)).toMatchObject({ clean: false, checks: [{ name: 'totals' }] });
  });

  test('exits with 2 when it could not look', async () => {
    const { code, output } = await run('postgres://a@127.0.0.1:9/c');
    expect([code, output]).toEqual([
      2,
      '✗ The audit could not run: No PostgreSQL answers at 127.0.0.1:9: start it there, or correct DATABASE_URL.\n',
    ]);
  });
});
