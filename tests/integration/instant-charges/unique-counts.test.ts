// Unique counts in advance (spec, usage 6.3): added and removed values, in groups and filters, carried over or not.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { listeningApp, type ListeningApp } from '../api/listening-app.ts';
import { inAdvance, instantStory, type InstantStory } from './instant-story.ts';

let app: ListeningApp;
let story: InstantStory;

beforeAll(async () => {
  app = await listeningApp();
});

beforeEach(async () => {
  story = await instantStory(app);
});

afterAll(() => app.close());

const seats = (change: object = {}) =>
  story.metric('calls', { aggregation_type: 'unique_count_agg', field_name: 'seat', ...change });

const add = (seat: string, change: object = {}) => ({ seat, ...change });
const remove = (seat: string, change: object = {}) => ({ seat, operation_type: 'remove', ...change });

const FACT = {
  e1: add('a'),
  e2: remove('a'),
  e3: add('a'),
  e4: add('b'),
  e5: add('b'),
  e6: add('c'),
  e7: remove('c'),
};

const FACT_FEES = {
  e1: ['1.0', 1200],
  e2: ['0.0', 0],
  e3: ['1.0', 0],
  e4: ['1.0', 1200],
  e5: ['0.0', 0],
  e6: ['1.0', 1200],
  e7: ['0.0', 0],
};

test.each(['one by one', 'in one page'])(
  'a value that comes again costs nothing: the fact of the rules, %s',
  async (how) => {
    await story.subscribe([inAdvance(await seats(), { properties: { amount: '12' }, invoiceable: false })]);
    if (how === 'in one page') {
      await story.store(FACT);
      await story.run();
    } else {
      for (const [id, properties] of Object.entries(FACT)) await story.send(id, properties);
    }
    expect(await story.charged()).toEqual(FACT_FEES);
  },
);

test('a period begins with nothing where the metric does not carry over', async () => {
  await story.subscribe([inAdvance(await seats(), { invoiceable: false })]);
  await story.send('march', add('a'));
  await story.acts.advance('2024-04-02T00:00:00Z');
  await story.clock('2024-04-02T00:00:00Z');
  await story.store({ removed: remove('a'), april: add('a'), again: add('a') });
  await story.run();
  expect(await story.charged()).toMatchObject({ removed: ['0.0', 0], april: ['1.0', 100], again: ['0.0', 0] });
});

test('a value is counted in each group and filter by itself, each with its own tiers', async () => {
  const id = await seats({ filters: [{ key: 'region', values: ['eu'] }] });
  const ranges = [
    { from_value: 0, to_value: 1, per_unit_amount: '1', flat_amount: '0' },
    { from_value: 2, to_value: null, per_unit_amount: '5', flat_amount: '0' },
  ];
  await story.subscribe([
    inAdvance(id, {
      invoiceable: false,
      charge_model: 'graduated',
      properties: { graduated_ranges: ranges, pricing_group_keys: ['team'] },
      filters: [{ values: { region: ['eu'] }, properties: { graduated_ranges: ranges } }],
    }),
  ]);
  await story.store({
    red: add('a', { team: 'red' }),
    blue: add('a', { team: 'blue' }),
    redder: add('b', { team: 'red' }),
    eu: add('a', { region: 'eu', team: 'red' }),
  });
  await story.run();
  expect(await story.charged()).toEqual({
    red: ['1.0', 100],
    blue: ['1.0', 100],
    redder: ['1.0', 500],
    eu: ['1.0', 100],
  });
});

test('what was added before the charge was there is known to it', async () => {
  const id = await seats({ recurring: true });
  await story.subscribe([]);
  await story.store({ a: add('a'), b: add('b'), gone: remove('b') });
  await story.run();
  await story.clock('2024-03-02T00:00:00Z');
  await story.caller.ok('POST', '/plans/gold/charges', {
    charge: inAdvance(id, { code: 'seats', invoiceable: false, properties: { amount: '10' } }),
  });
  await story.store({ known: add('a'), added: add('b'), new: add('c') });
  await story.run();
  expect(await story.charged()).toEqual({ known: ['0.0', 0], added: ['1.0', 1000], new: ['1.0', 1000] });
});

test('an estimate knows what is there and changes nothing', async () => {
  await story.subscribe([inAdvance(await seats(), { properties: { amount: '10' } })]);
  const estimate = async (properties: object): Promise<readonly unknown[]> => {
    const event = { external_subscription_id: 'sub', code: 'calls', properties };
    const { fees } = (await story.caller.ok('POST', '/events/estimate_fees', { event })) as any;
    return fees.map((fee: any) => [fee.units, fee.amount_cents]);
  };
  expect(await estimate(add('a'))).toEqual([['1.0', 1000]]);
  await story.send('one', add('a'));
  expect(await estimate(add('a'))).toEqual([['0.0', 0]]);
  expect(await estimate(remove('a'))).toEqual([['0.0', 0]]);
  expect(await estimate(add('b'))).toEqual([['1.0', 1000]]);
  await story.send('two', add('b'));
  expect(await story.charged()).toMatchObject({ two: ['1.0', 1000] });
});
