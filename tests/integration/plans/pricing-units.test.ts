// Charges that say their prices in a unit of the organization's own (spec, usage 11).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { asPlain, at, listeningApp, notFound, textAt, validationErrors } from '../api/listening-app.ts';
import type { Caller, ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;
let metricId: string;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization();
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2023-02-01T00:00:00Z');
  const metric = await caller.ok('POST', '/billable_metrics', {
    billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'sum_agg', field_name: 'n' },
  });
  metricId = textAt(metric, 'billable_metric.lago_id');
});
afterAll(() => app.close());

const CREDITS = { name: 'Credits', code: 'credits', short_name: 'CR', description: 'Prepaid' };
const makeCredits = () => caller.ok('POST', '/pricing_units', { pricing_unit: CREDITS });

const charge = (attributes: object = {}) => ({
  billable_metric_id: metricId,
  charge_model: 'standard',
  properties: { amount: '1' },
  applied_pricing_unit: { code: 'credits', conversion_rate: '0.5' },
  ...attributes,
});
const makePlan = (one: object) =>
  caller.send('POST', '/plans', {
    plan: { name: 'p', code: 'p', interval: 'monthly', amount_cents: 0, amount_currency: 'EUR', charges: [one] },
  });

async function subscribe(attributes: object = {}): Promise<void> {
  await makeCredits();
  await caller.ok('POST', '/customers', { customer: { external_id: 'c', currency: 'EUR' } });
  expect((await makePlan(charge(attributes))).status).toBe(200);
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c', external_id: 's', plan_code: 'p' },
  });
}

const send = (n: number, properties: object = {}) =>
  caller.ok('POST', '/events', {
    event: {
      transaction_id: randomUUID(),
      code: 'calls',
      external_subscription_id: 's',
      properties: { n, ...properties },
    },
  });

const fees = async (): Promise<unknown> => at(await caller.ok('GET', '/fees?fee_type=charge'), 'fees');

describe('a pricing unit', () => {
  test('is made, changed, read and listed; its code stays', async () => {
    const made = at(await makeCredits(), 'pricing_unit');
    expect(made).toMatchObject(CREDITS);
    const change = { name: 'Points', short_name: 'P', description: null, code: 'points' };
    const changed = at(await caller.ok('PUT', '/pricing_units/credits', { pricing_unit: change }), 'pricing_unit');
    expect(changed).toMatchObject({ ...change, code: 'credits' });
    expect(at(await caller.ok('GET', '/pricing_units/credits'), 'pricing_unit')).toEqual(changed);
    expect(await caller.ok('GET', '/pricing_units')).toMatchObject({
      pricing_units: [changed],
      meta: { total_count: 1 },
    });
  });

  test.each([
    [{ name: '' }, { name: ['value_is_mandatory'] }],
    [{ code: undefined }, { code: ['value_is_mandatory'] }],
    [{ short_name: '' }, { short_name: ['value_is_mandatory'] }],
    [{ short_name: 'CRED' }, { short_name: ['value_is_too_long'] }],
    [{ description: 'x'.repeat(601) }, { description: ['value_is_too_long'] }],
  ])('with %j is refused', async (change, details) => {
    const answer = await caller.send('POST', '/pricing_units', { pricing_unit: { ...CREDITS, ...change } });
    expect(asPlain(answer)).toEqual(validationErrors(details));
  });

  test('has a code of its own, and one that is not there is 404', async () => {
    await makeCredits();
    expect(asPlain(await caller.send('POST', '/pricing_units', { pricing_unit: CREDITS }))).toEqual(
      validationErrors({ code: ['value_already_exist'] }),
    );
    expect(asPlain(await caller.send('GET', '/pricing_units/points'))).toEqual(notFound('pricing_unit'));
    const change = { pricing_unit: { name: 'x' } };
    expect(asPlain(await caller.send('PUT', '/pricing_units/points', change))).toEqual(notFound('pricing_unit'));
  });
});

describe('a charge in a pricing unit', () => {
  test('shows it, and keeps it with another rate', async () => {
    await makeCredits();
    const made = await makePlan(charge());
    const applied = { code: 'credits', conversion_rate: '0.5' };
    expect(at(made.body, 'plan.charges.0.applied_pricing_unit')).toEqual(applied);
    const id = textAt(made.body, 'plan.charges.0.lago_id');
    const shown = async () => at(await caller.ok('GET', '/plans/p'), 'plan.charges.0.applied_pricing_unit');
    expect(await shown()).toEqual(applied);
    const change = charge({ applied_pricing_unit: { code: 'other', conversion_rate: 0.75 } });
    await caller.ok('PUT', '/plans/p', { plan: { charges: [{ ...change, id }] } });
    expect(await shown()).toEqual({ code: 'credits', conversion_rate: '0.75' });
    await caller.ok('PUT', '/plans/p/charges/calls', { charge: charge({ applied_pricing_unit: null }) });
    expect(await shown()).toEqual({ code: 'credits', conversion_rate: '0.75' });
    const second = charge({ code: 'more' });
    expect(at(await caller.ok('POST', '/plans/p/charges', { charge: second }), 'charge.applied_pricing_unit')).toEqual(
      applied,
    );
    await caller.ok('DELETE', '/plans/p/charges/more');
  });

  test.each([
    [{ code: 'points', conversion_rate: '1' }, { pricing_unit: ['relation_must_exist'] }],
    [{ code: 'credits', conversion_rate: '0' }, { conversion_rate: ['value_is_out_of_range'] }],
    [{ code: 'credits' }, { conversion_rate: ['value_is_mandatory'] }],
  ])('%j is refused', async (applied_pricing_unit, details) => {
    await makeCredits();
    expect(asPlain(await makePlan(charge({ applied_pricing_unit })))).toEqual(validationErrors(details));
  });

  test('costs what the units are worth, on usage and on the fee, whose rate is frozen', async () => {
    await subscribe({ min_amount_cents: 40_000 });
    await send(300);
    const details = { amount_cents: 30_000, short_name: 'CR', conversion_rate: '0.5' };
    expect(
      at(await caller.ok('GET', '/customers/c/current_usage?external_subscription_id=s'), 'customer_usage'),
    ).toMatchObject({
      amount_cents: 15_000,
      charges_usage: [{ units: '300.0', amount_cents: 15_000, pricing_unit_details: details }],
    });
    await acts.run('2023-03-01T00:00:00Z');
    await caller.ok('PUT', '/plans/p/charges/calls', {
      charge: charge({ applied_pricing_unit: { conversion_rate: '9' } }),
    });
    const unit = { pricing_unit_code: 'credits', short_name: 'CR', conversion_rate: '0.5' };
    expect(await fees()).toMatchObject([
      {
        amount_cents: 15_000,
        precise_amount: '150.0',
        precise_unit_amount: '0.5',
        pricing_unit_details: {
          ...unit,
          amount_cents: 30_000,
          precise_amount_cents: '30000.0',
          unit_amount_cents: 100,
          precise_unit_amount: '1.0',
        },
      },
      { amount_cents: 5000, units: '1.0', pricing_unit_details: { ...unit, amount_cents: 10_000 } },
    ]);
  });

  test('in advance costs what the units of each event are worth', async () => {
    await subscribe({ pay_in_advance: true, properties: { amount: '0.333' } });
    await send(10);
    await acts.run('2023-02-01T00:00:01Z');
    expect(await fees()).toMatchObject([
      {
        amount_cents: 167,
        precise_amount: '1.665',
        pricing_unit_details: { amount_cents: 333, unit_amount_cents: 33, precise_unit_amount: '0.333' },
      },
    ]);
    const event = { event: { code: 'calls', external_subscription_id: 's', properties: { n: 10 } } };
    expect(at(await caller.ok('POST', '/events/estimate_fees', event), 'fees')).toMatchObject([
      { amount_cents: 167, pricing_unit_details: { amount_cents: 333 } },
    ]);
    expect(
      at(
        await caller.ok('POST', '/events/estimate_instant_fees', {
          event: { ...event.event, transaction_id: 't' },
        }),
        'fees',
      ),
    ).toMatchObject([{ amount_cents: '166.5' }]);
  });
});
