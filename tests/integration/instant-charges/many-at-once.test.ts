// Many events of one subscription, and those who price them, at the same moment: the fees add up to the price of all
// (spec, usage 6.2, 6.3; S010, S012, S013).
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeActivities, type Activities } from '../../../activities/index.ts';
import { readAllowedNetworks } from '../../../activities/webhooks/allowed-networks.ts';
import { makePostWebhook } from '../../../activities/webhooks/post-webhook.ts';
import { makeWebhookKeys } from '../../../activities/webhooks/webhook-keys.ts';
import { lockCustomer } from '../../../db/customer-lock.ts';
import { sql } from '../../../db/sql.ts';
import { activityDependencies } from '../../support/activity-dependencies.ts';
import { listeningApp, type ListeningApp } from '../api/listening-app.ts';
import { inAdvance, instantStory, type InstantStory } from './instant-story.ts';

/** `INSTANT_ROUNDS=50` has each case in 50 rounds, each with other values and another order. */
const ROUNDS = Number(process.env['INSTANT_ROUNDS'] ?? 1);
const EVENTS = 500;
const BATCH = 100;
const PRICERS = 4;
const NOW = '2024-03-10T00:00:00Z';

let app: ListeningApp;
let activities: Activities;

beforeAll(async () => {
  app = await listeningApp();
  activities = makeActivities(
    activityDependencies(app.orm, () => new Date(NOW)),
    {
      post: makePostWebhook({ allowed: readAllowedNetworks('false') }),
      keys: makeWebhookKeys(app.orm, 'the secret key of the tests'),
      issuer: 'https://billing.test',
      random: () => 0,
    },
  );
});

afterAll(() => app.close());

/** Numbers that are the same in every run of the same round. */
function numbersOf(round: number): () => number {
  let state = round + 1;
  return () => (state = (state * 48_271) % 2_147_483_647);
}

const openActs = ({ caller }: InstantStory) =>
  sql<{ argument: never }>(
    app.orm.em.fork(),
    `select argument from acts where organization_id = $1 and kind = 'instantCharge' and state <> 'done' order by id`,
    [caller.organizationId],
  );

/** Prices what is open, several at a time, in no order; those who find the customer busy come again. */
async function priceAtOnce(story: InstantStory, next: () => number): Promise<void> {
  for (;;) {
    const acts = await openActs(story);
    if (acts.length === 0) return;
    const drawn = Array.from({ length: PRICERS }, () => acts[next() % acts.length]!);
    await Promise.all(drawn.map(({ argument }) => activities.priceInstantCharge(argument)));
  }
}

const ranges = [
  { from_value: 0, to_value: 1000, per_unit_amount: '1', flat_amount: '5' },
  { from_value: 1001, to_value: 2000, per_unit_amount: '2', flat_amount: '7' },
  { from_value: 2001, to_value: null, per_unit_amount: '3', flat_amount: '11' },
];

const graduatedCents = (units: number): number => {
  const [low, middle, high] = [Math.min(units, 1000), Math.min(units, 2000) - 1000, units - 2000];
  return 100 * (low + 5 + (middle > 0 ? 2 * middle + 7 : 0) + (high > 0 ? 3 * high + 11 : 0));
};

interface Case {
  readonly what: string;
  readonly metric: object;
  readonly charge: object;
  readonly properties: (draw: number) => object;
  /** What all events together cost. */
  readonly cents: (events: readonly any[]) => number;
}

const SUM = { aggregation_type: 'sum_agg', field_name: 'n' };
const sumOf = (events: readonly any[]): number => events.reduce((sum, { n }) => sum + n, 0);

const CASES: readonly Case[] = [
  {
    what: 'tiers',
    metric: SUM,
    charge: { charge_model: 'graduated', properties: { graduated_ranges: ranges } },
    properties: (draw) => ({ n: 1 + (draw % 9) }),
    cents: (events) => graduatedCents(sumOf(events)),
  },
  {
    what: 'packages',
    metric: SUM,
    charge: { charge_model: 'package', properties: { amount: '10', package_size: 7, free_units: 3 } },
    properties: (draw) => ({ n: 1 + (draw % 9) }),
    cents: (events) => 1000 * Math.ceil((sumOf(events) - 3) / 7),
  },
  {
    what: 'a percentage with free units',
    metric: SUM,
    charge: {
      charge_model: 'percentage',
      properties: { rate: '1', fixed_amount: '0', free_units_per_total_aggregation: '200' },
    },
    // Whole cents, so that no fee is rounded.
    properties: (draw) => ({ n: 1 + (draw % 9) }),
    cents: (events) => sumOf(events) - 200,
  },
  {
    what: 'values that are counted once',
    metric: { aggregation_type: 'unique_count_agg', field_name: 'n' },
    charge: { charge_model: 'standard', properties: { amount: '1' } },
    properties: (draw) => ({ n: `${draw % 60}` }),
    cents: (events) => 100 * new Set(events.map(({ n }) => n)).size,
  },
];

describe.each(CASES)('$EVENTS events at once: $what', ({ metric, charge, properties, cents }) => {
  test('cost together what all of them do, each one fee', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const next = numbersOf(round);
      const story = await instantStory(app);
      await story.subscribe([inAdvance(await story.metric('calls', metric), { invoiceable: false, ...charge })]);
      await story.clock(NOW);
      const events = Array.from({ length: EVENTS }, () => properties(next()));
      // Some of one moment, some late.
      const timestamp = () => Date.parse(NOW) / 1000 - (next() % 3) * 3600;
      const sending = Array.from({ length: EVENTS / BATCH }, (_, batch) =>
        story.store(
          Object.fromEntries(
            events.slice(batch * BATCH, (batch + 1) * BATCH).map((one, at) => [`${batch}-${at}`, one]),
          ),
          { timestamp: timestamp() },
        ),
      );
      await Promise.all([...sending, priceAtOnce(story, next)]);
      await priceAtOnce(story, next);
      const [charged] = await sql<{ fees: number; events: number; cents: number }>(
        app.orm.em.fork(),
        `select count(*)::int as fees, count(distinct event_id)::int as events, sum(amount_cents)::int as cents
         from fees where organization_id = $1`,
        [story.caller.organizationId],
      );
      expect(charged).toEqual({ fees: EVENTS, events: EVENTS, cents: cents(events) });
    }
  });
});

test('an event that comes alone and in a batch at the same moment is stored once, and has one fee', async () => {
  const story = await instantStory(app);
  await story.subscribe([inAdvance(await story.metric('calls'), { invoiceable: false })]);
  for (let round = 0; round < 50; round++) {
    const event = {
      transaction_id: `t${round}`,
      external_subscription_id: 'sub',
      code: 'calls',
      properties: { n: 1 },
    };
    const answers = await Promise.all([
      story.caller.send('POST', '/events', { event }),
      story.caller.send('POST', '/events/batch', { events: [event] }),
    ]);
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 422]);
  }
  await story.run();
  expect(Object.values(await story.charged())).toEqual(Array.from({ length: 50 }, () => ['1.0', 100]));
});

test('who finds the customer busy is told so at once, and other customers are charged meanwhile (S013)', async () => {
  const [held, other] = [await instantStory(app), await instantStory(app)];
  for (const story of [held, other]) {
    await story.subscribe([inAdvance(await story.metric('calls'), { invoiceable: false })]);
    await story.store({ one: { n: 1 } });
  }
  const price = async (story: InstantStory) => activities.priceInstantCharge((await openActs(story))[0]!.argument);
  // What is asked for within this transaction runs outside of it.
  const outside = AsyncLocalStorage.snapshot();
  await app.orm.em.fork().transactional(async (em) => {
    const [customer] = await sql<{ id: string }>(em, 'select id from customers where organization_id = $1', [
      held.caller.organizationId,
    ]);
    await lockCustomer(em, customer!.id);
    expect(await outside(() => price(held))).toEqual({ outcome: 'busy' });
    expect(await outside(() => price(other))).toEqual({ outcome: 'priced' });
  });
  expect(await price(held)).toEqual({ outcome: 'priced' });
  expect([await held.charged(), await other.charged()]).toEqual([{ one: ['1.0', 100] }, { one: ['1.0', 100] }]);
});
