/**
 * What PostgreSQL reads to answer lists of events, and usage: rows that a page, a count that stops or the hours of a
 * period bound, whatever the number of events (S082).
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rebuildRollups } from '../../../activities/usage/rebuild-rollups.ts';
import { scopedTo } from '../../../db/orm.ts';
import { at, listeningApp, textAt, type Caller, type ListeningApp } from '../api/listening-app.ts';
import {
  rowsReadBy,
  statementRecorder,
  type SentStatement,
  type StatementRecorder,
} from '../../support/statement-plans.ts';

const EVENTS = 120_000;
const SUBSCRIPTIONS = 100;
const CODES = 3;
/** Where counting stops. */
const COUNTED = 10_000;
const PER_PAGE = 50;

let app: ListeningApp;
let caller: Caller;
let statementsSent: StatementRecorder;

beforeAll(async () => {
  app = await listeningApp();
  statementsSent = await statementRecorder(app.orm);
  caller = await app.organization();
  await app.rows(
    `insert into events (id, organization_id, transaction_id, external_subscription_id, code, "timestamp", created_at)
     select gen_random_uuid(), $1, 'tx-' || place, 's' || place % $2, 'code-' || place % $3,
            '2026-01-01T00:00:00Z'::timestamptz + place * interval '10 seconds', '2026-02-01T00:00:00Z'
     from generate_series(1, $4::int) place`,
    [caller.organizationId, SUBSCRIPTIONS, CODES, EVENTS],
  );
  await app.rows('vacuum analyze events');
});

afterAll(() => app.close());

const list = (query: string): Promise<unknown> => caller.ok('GET', `/events?per_page=${PER_PAGE}${query}`);

const explained = async (query: string) => {
  const sent = await statementsSent(() => list(query));
  const ofEvents = sent.filter(({ text }) => text.includes('"events"'));
  const isCount = ({ text }: SentStatement): boolean => text.includes('count(');
  const most = async (statements: readonly SentStatement[]): Promise<number> =>
    Math.max(...(await Promise.all(statements.map((statement) => rowsReadBy(app.orm, statement)))));
  return {
    page: await most(ofEvents.filter((one) => !isCount(one))),
    count: await most(ofEvents.filter(isCount)),
  };
};

test.each([
  ['all', ''],
  ['of a code', '&code=code-1'],
  ['of a subscription and a code', '&external_subscription_id=s7&code=code-1'],
  ['of a time', '&timestamp_from=2026-01-03T00:00:00Z&timestamp_to=2026-01-09T00:00:00Z'],
  ['of a code in a time', '&code=code-2&timestamp_from=2026-01-03T00:00:00Z'],
])('%s: no more events are read than the page shows or the count counts', async (_name, query) => {
  const { page, count } = await explained(query);
  expect(page).toBeGreaterThan(0);
  // One more, by which an incremental sort sees that times change.
  expect(page).toBeLessThanOrEqual(PER_PAGE + 1);
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThanOrEqual(COUNTED);
});

test('of a subscription: its own events at most, or the newest until the page is full', async () => {
  const { page, count } = await explained('&external_subscription_id=s7');
  expect(page).toBeLessThanOrEqual(PER_PAGE * SUBSCRIPTIONS * 2);
  expect(count).toBeLessThanOrEqual(EVENTS / SUBSCRIPTIONS);
});

test('the count stops, and beyond it a page still says whether there is another', async () => {
  expect(at(await list(''), 'meta')).toEqual({
    current_page: 1,
    next_page: 2,
    prev_page: null,
    total_pages: COUNTED / PER_PAGE,
    total_count: COUNTED,
  });
  expect(at(await list(`&page=${COUNTED / PER_PAGE + 5}`), 'meta')).toMatchObject({
    next_page: COUNTED / PER_PAGE + 6,
    total_count: COUNTED + 5 * PER_PAGE + 1,
  });
  expect(at(await list(`&page=${EVENTS / PER_PAGE}`), 'meta')).toMatchObject({ next_page: null, total_count: EVENTS });
});

test('fewer are counted as many as they are', async () => {
  expect(at(await list('&external_subscription_id=s7'), 'meta')).toMatchObject({
    total_count: EVENTS / SUBSCRIPTIONS,
  });
});

/** Hours of the period so far, and one that is cut. */
const BUCKETS = 14 * 24 + 1;
const BUSY_EVENTS = 60_000;

describe('usage of a running period', () => {
  /** Of its own: the lists of the other one count every event. */
  let metered: Caller;
  let metricId: string;

  beforeAll(async () => {
    metered = await app.organization();
    await app.rows('update organizations set clock_now = $2 where id = $1', [
      metered.organizationId,
      '2026-01-01T00:00:00Z',
    ]);
    const metric = await metered.ok('POST', '/billable_metrics', {
      billable_metric: { name: 'Busy', code: 'busy', aggregation_type: 'sum_agg', field_name: 'value' },
    });
    metricId = textAt(metric, 'billable_metric.lago_id');
    await metered.ok('POST', '/plans', {
      plan: {
        ...{ name: 'P', code: 'p', interval: 'monthly', amount_cents: 0, amount_currency: 'EUR' },
        pay_in_advance: false,
        charges: [{ billable_metric_id: metricId, charge_model: 'standard', properties: { amount: '1' } }],
      },
    });
    await metered.ok('POST', '/customers', { customer: { external_id: 'c', currency: 'EUR' } });
    await metered.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: 'c', external_id: 'busy', plan_code: 'p' },
    });
    await app.rows(
      `insert into events (id, organization_id, transaction_id, external_subscription_id, code, "timestamp", created_at,
                           properties)
       select gen_random_uuid(), $1, 'busy-' || place, 'busy', 'busy',
              '2026-01-01T00:00:00Z'::timestamptz + place * interval '20 seconds', '2026-02-01T00:00:00Z',
              '{"value": 2}'
       from generate_series(1, $2::int) place`,
      [metered.organizationId, BUSY_EVENTS],
    );
    await app.rows('update organizations set clock_now = $2 where id = $1', [
      metered.organizationId,
      '2026-01-15T10:30:00Z',
    ]);
  });

  test.each(['count_agg', 'sum_agg', 'max_agg', 'latest_agg', 'weighted_sum_agg'])(
    '%s: rows of hours are read, and not the events in them',
    async (aggregation) => {
      await app.rows('update billable_metrics set aggregation_type = $2, rolled_up = false where id = $1', [
        metricId,
        aggregation,
      ]);
      await rebuildRollups(scopedTo(app.orm.em, metered.organizationId), metered.organizationId, metricId);
      await app.rows('vacuum analyze events, usage_rollups');
      const ask = () => metered.ok('GET', '/customers/c/current_usage?external_subscription_id=busy');
      const sent = await statementsSent(ask);
      const ofUsage = sent.filter(({ text }) => text.includes('usage_rollups'));
      expect(ofUsage).toHaveLength(1);
      const read = await rowsReadBy(app.orm, ofUsage[0]!);
      expect(read).toBeGreaterThan(0);
      expect(read).toBeLessThanOrEqual(BUCKETS * 2);
      expect(Number(at(await ask(), 'customer_usage.charges_usage.0.events_count'))).toBe(BUSY_EVENTS);
    },
  );
});
