// Units shown apart by keys that prices do not know (spec, usage 4.5).
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { asPlain, at, listeningApp, textAt, validationErrors } from '../api/listening-app.ts';
import type { Caller, ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization({ premium_integrations: ['projected_usage'] });
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2023-02-01T00:00:00Z');
});
afterAll(() => app.close());

const KEYS = [{ value: 'region', options: { display_in_invoice: true } }, { value: 'user' }];

async function subscribe(metric: object, charge: object = {}): Promise<void> {
  const made = await caller.ok('POST', '/billable_metrics', {
    billable_metric: { name: 'Traffic', code: 'traffic', field_name: 'gb', ...metric },
  });
  await caller.ok('POST', '/customers', { customer: { external_id: 'c', currency: 'EUR' } });
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'p',
      code: 'p',
      interval: 'monthly',
      amount_cents: 0,
      amount_currency: 'EUR',
      charges: [
        {
          billable_metric_id: textAt(made, 'billable_metric.lago_id'),
          charge_model: 'standard',
          properties: { amount: '2', presentation_group_keys: KEYS },
          ...charge,
        },
      ],
    },
  });
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c', external_id: 's', plan_code: 'p' },
  });
}

const send = (properties: object) =>
  caller.ok('POST', '/events', {
    event: { transaction_id: randomUUID(), code: 'traffic', external_subscription_id: 's', properties },
  });

const usage = async (query = ''): Promise<unknown> =>
  at(
    await caller.ok('GET', `/customers/c/current_usage?external_subscription_id=s${query}`),
    'customer_usage.charges_usage.0',
  );

async function feesOfPeriod(): Promise<unknown> {
  await acts.run('2023-03-01T00:00:00Z');
  return at(await caller.ok('GET', '/fees?fee_type=charge'), 'fees');
}

test('usage shows all keys, of each filter and each group too; a fee those for invoices', async () => {
  await subscribe(
    { aggregation_type: 'sum_agg', filters: [{ key: 'cloud', values: ['aws', 'gcp'] }] },
    {
      properties: { amount: '2', presentation_group_keys: KEYS, pricing_group_keys: ['class'] },
      filters: [{ values: { cloud: ['aws'] }, properties: { amount: '3' } }],
    },
  );
  await send({ gb: 10, region: 'eu', user: '7', cloud: 'aws' });
  await send({ gb: 1, region: 'eu', user: '8', cloud: 'aws' });
  await send({ gb: 4, region: 'us', user: '7', class: 'hot' });
  await send({ gb: 2.5, region: '', class: 'hot' });

  const eu7 = { presentation_by: { region: 'eu', user: '7' }, units: '10.0' };
  const eu8 = { presentation_by: { region: 'eu', user: '8' }, units: '1.0' };
  const nobody = { presentation_by: { region: null, user: null }, units: '2.5' };
  const us7 = { presentation_by: { region: 'us', user: '7' }, units: '4.0' };
  expect(await usage()).toMatchObject({
    units: '17.5',
    amount_cents: 3300 + 1300,
    presentation_breakdowns: [eu7, eu8, nobody, us7],
    filters: [
      { values: { cloud: ['aws'] }, presentation_breakdowns: [eu7, eu8] },
      { values: null, presentation_breakdowns: [nobody, us7] },
    ],
    grouped_usage: [
      { grouped_by: {}, presentation_breakdowns: [eu7, eu8] },
      { grouped_by: { class: 'hot' }, presentation_breakdowns: [nobody, us7] },
    ],
  });

  expect(await feesOfPeriod()).toMatchObject([
    { units: '11.0', presentation_breakdowns: [{ presentation_by: { region: 'eu' }, units: '11.0' }] },
    {
      units: '6.5',
      presentation_breakdowns: [
        { presentation_by: { region: null }, units: '2.5' },
        { presentation_by: { region: 'us' }, units: '4.0' },
      ],
    },
  ]);
});

test('projected and past usage show all keys too, what is projected drawn out to the period', async () => {
  await subscribe({ aggregation_type: 'sum_agg' });
  await send({ gb: 10, region: 'eu', user: '7' });
  await send({ gb: 1, region: 'us', user: '7' });
  const eu = { region: 'eu', user: '7' };
  const us = { region: 'us', user: '7' };
  const used = [
    { presentation_by: eu, units: '10.0' },
    { presentation_by: us, units: '1.0' },
  ];
  expect(
    at(
      await caller.ok('GET', '/customers/c/projected_usage?external_subscription_id=s'),
      'customer_projected_usage.charges_usage.0',
    ),
  ).toMatchObject({
    presentation_breakdowns: used,
    projected_units: '308.0',
    projected_presentation_breakdowns: [
      { presentation_by: eu, units: '280.0' },
      { presentation_by: us, units: '28.0' },
    ],
  });
  await acts.run('2023-03-01T00:00:00Z');
  const past = await caller.ok('GET', '/customers/c/past_usage?external_subscription_id=s');
  expect(at(past, 'usage_periods.0.charges_usage.0.presentation_breakdowns')).toEqual(used);
});

test('usage shows the keys that are asked for', async () => {
  await subscribe({ aggregation_type: 'max_agg' });
  await send({ gb: 10, region: 'eu', user: '7' });
  await send({ gb: 3, region: 'us', user: '7' });
  const user = [{ presentation_by: { user: '7' }, units: '10.0' }];
  const by = async (asked: string): Promise<unknown> =>
    at(await usage(`&filter_by_presentation${asked}`), 'presentation_breakdowns');
  expect(await by('=["user"]')).toEqual(user);
  expect(await by('=user')).toEqual(user);
  expect(await by('[]=user&filter_by_presentation[]=other')).toEqual(user);
  expect(await by('=[]')).toEqual([]);
  expect(await by('=')).toHaveLength(2);
  expect(
    asPlain(
      await caller.send('GET', '/customers/c/current_usage?external_subscription_id=s&filter_by_presentation=[1]'),
    ),
  ).toEqual(validationErrors({ filter_by_presentation: ['value_is_invalid'] }));
});

test('unique values are counted once for the price, and in each part where they are', async () => {
  await subscribe({ aggregation_type: 'unique_count_agg' });
  await send({ gb: 'a', region: 'eu', user: '7' });
  await send({ gb: 'a', region: 'us', user: '7' });
  await send({ gb: 'b', region: 'us', user: '7' });
  const shown = {
    units: '2.0',
    presentation_breakdowns: [
      { presentation_by: { region: 'eu' }, units: '1.0' },
      { presentation_by: { region: 'us' }, units: '2.0' },
    ],
  };
  expect(await usage('&filter_by_presentation=region')).toMatchObject(shown);
  expect(await feesOfPeriod()).toMatchObject([shown]);
});

test('the fee of an event in advance shows the values of the event', async () => {
  await subscribe({ aggregation_type: 'sum_agg' }, { pay_in_advance: true });
  await send({ gb: 10, region: 'eu', user: '7' });
  await acts.run('2023-02-01T00:00:01Z');
  expect(at(await caller.ok('GET', '/fees'), 'fees')).toMatchObject([
    { units: '10.0', presentation_breakdowns: [{ presentation_by: { region: 'eu' }, units: '10.0' }] },
  ]);
});
