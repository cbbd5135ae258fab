/**
 * Twenty clients send events while the rollups of their metric are rebuilt and a month is billed: every event is on
 * exactly one invoice, and what is billed is what the events add up to.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rebuildRollups } from '../../../activities/usage/rebuild-rollups.ts';
import { scopedTo } from '../../../db/orm.ts';
import { actsByHand } from '../../support/acts-by-hand.ts';
import { listeningApp, textAt, type Caller, type ListeningApp } from '../api/listening-app.ts';

const CLIENTS = 20;
const BATCHES_EACH = 5;
const BATCH_EVENTS = 20;
const SUBSCRIPTIONS = 5;
const JANUARY = Date.parse('2024-01-01T00:00:00Z') / 1000;
const FEBRUARY = Date.parse('2024-02-01T00:00:00Z') / 1000;
const MONTH_SECONDS = 29 * 86_400;

let app: ListeningApp;
let caller: Caller;

beforeAll(async () => {
  app = await listeningApp();
  caller = await app.organization();
});
afterAll(() => app.close());

/** The first event of each client is at the first instant of the month. */
const batch = (name: string, month: number, client: number, index: number) =>
  Array.from({ length: BATCH_EVENTS }, (_, place) => {
    const number = (client * BATCHES_EACH + index) * BATCH_EVENTS + place;
    return {
      transaction_id: `${name}-${number}`,
      external_subscription_id: `s${number % SUBSCRIPTIONS}`,
      code: 'calls',
      timestamp: month + (index === 0 && place < SUBSCRIPTIONS ? 0 : (number * 7919) % MONTH_SECONDS),
      properties: { value: (number % 10) + 1 },
    };
  });

const send = async (name: string, month: number): Promise<void> => {
  const client = async (_: unknown, place: number): Promise<void> => {
    for (let index = 0; index < BATCHES_EACH; index += 1) {
      await caller.ok('POST', '/events/batch', { events: batch(name, month, place, index) });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
};

test('every event is on one invoice, with the units of the events themselves', async () => {
  const acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2024-01-01T00:00:00Z');
  const metric = await caller.ok('POST', '/billable_metrics', {
    billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'sum_agg', field_name: 'value' },
  });
  const metricId = textAt(metric, 'billable_metric.lago_id');
  await caller.ok('POST', '/plans', {
    plan: {
      ...{ name: 'P', code: 'p', interval: 'monthly', amount_cents: 0, amount_currency: 'EUR', pay_in_advance: false },
      charges: [{ billable_metric_id: metricId, charge_model: 'standard', properties: { amount: '0.01' } }],
    },
  });
  for (let place = 0; place < SUBSCRIPTIONS; place += 1) {
    const externalId = `s${place}`;
    await caller.ok('POST', '/customers', { customer: { external_id: externalId, currency: 'EUR' } });
    await caller.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: externalId, external_id: externalId, plan_code: 'p' },
    });
  }
  await send('january', JANUARY);

  let isSending = true;
  let rebuilt = 0;
  const rebuildMeanwhile = async (): Promise<void> => {
    while (isSending) {
      // As a change of the metric does: until the rebuild, usage is read from the events.
      await app.rows(
        'update billable_metrics set rolled_up = false, definition_version = definition_version + 1 where id = $1',
        [metricId],
      );
      await rebuildRollups(scopedTo(app.orm.em, caller.organizationId), caller.organizationId, metricId);
      rebuilt += 1;
    }
  };
  const sending = send('february', FEBRUARY).finally(() => {
    isSending = false;
  });
  await Promise.all([sending, rebuildMeanwhile(), acts.advance('2024-02-01T02:00:00Z')]);
  await acts.advance('2024-03-01T02:00:00Z');
  expect(rebuilt).toBeGreaterThan(1);

  const billed = await app.rows(
    `select subscription.external_id as id, to_char(fee.from_datetime at time zone 'UTC', 'YYYY-MM') as month,
            count(*)::int as fees, sum(fee.units)::int as units, sum(fee.events_count)::int as events,
            sum(fee.amount_cents)::int as cents
     from fees fee join subscriptions subscription on subscription.id = fee.subscription_id
     where fee.organization_id = $1 and fee.fee_type = 'charge' group by 1, 2 order by 1, 2`,
    [caller.organizationId],
  );
  const raw = await app.rows(
    `select external_subscription_id as id, to_char("timestamp" at time zone 'UTC', 'YYYY-MM') as month, 1 as fees,
            sum((properties ->> 'value')::int)::int as units, count(*)::int as events,
            sum((properties ->> 'value')::int)::int as cents
     from events where organization_id = $1 group by 1, 2 order by 1, 2`,
    [caller.organizationId],
  );
  expect(billed).toEqual(raw);
  expect(raw).toHaveLength(SUBSCRIPTIONS * 2);
  const all = raw as readonly { readonly events: number }[];
  expect(all.reduce((sum, { events }) => sum + events, 0)).toBe(2 * CLIENTS * BATCHES_EACH * BATCH_EVENTS);
});
