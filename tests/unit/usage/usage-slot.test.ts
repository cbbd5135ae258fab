import { describe, expect, test } from '@jest/globals';
import { prorationOf, sharedSlots, usageSlot, type UsageWish } from '../../../billing/usage/usage-slot.ts';

const metric = {
  id: 'm1',
  code: 'seats',
  fieldName: 'seats',
  aggregationType: 'sum_agg',
  recurring: false,
  definitionVersion: 3,
} as const;
const recurring = { ...metric, recurring: true };
const window = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-31T23:59:59.999Z') };
const past = [{ from: null, to: new Date('2026-01-09T23:59:59.999Z') }];

const wish = (keys: readonly string[]): UsageWish => ({
  keys,
  condition: null,
  facts: null,
  proration: null,
});

describe('a slot', () => {
  test('asks for the events of the code within the window, with those before it where the metric carries over', () => {
    const slot = usageSlot(metric, 'sub_1', window, past, wish(['region']));
    expect(slot).toMatchObject({ externalSubscriptionId: 'sub_1', metric, ...window, keys: ['region'], history: null });
    expect(usageSlot(recurring, 'sub_1', window, null, wish([])).history).toEqual([{ from: null, to: window.to }]);
    expect(usageSlot(recurring, 'sub_1', window, past, wish([])).history).toEqual(past);
  });

  test('of values that count once is one of a bucket, with its condition', () => {
    const users = { ...metric, aggregationType: 'unique_count_agg' } as const;
    const eu = { match: { region: ['eu'] }, except: [] };
    const us = { match: { region: ['us'] }, except: [] };
    const slots = [eu, us, eu].map((condition) => usageSlot(users, 'sub_1', window, null, { ...wish([]), condition }));
    const [one, other, same] = slots.map(({ id }) => id);
    expect([one === same, one === other]).toEqual([true, false]);
    expect(sharedSlots(slots).map(({ condition }) => condition)).toEqual([eu, us]);
  });

  test('has the number of each event where the price asks for it, and the aggregation has them', () => {
    const asks = (aggregationType: 'sum_agg' | 'max_agg' | 'latest_agg', facts: 'values' | 'amounts') => {
      const slot = usageSlot({ ...metric, aggregationType }, 'sub_1', window, null, { ...wish([]), facts });
      return [slot.withValues, slot.withAmounts];
    };
    expect(asks('sum_agg', 'values')).toEqual([true, false]);
    expect(asks('sum_agg', 'amounts')).toEqual([false, true]);
    expect(asks('max_agg', 'values')).toEqual([true, false]);
    expect(asks('latest_agg', 'values')).toEqual([false, false]);
  });

  test('of a prorated charge has the sum of each day, or each event where ranges depend on their order', () => {
    const zone = { timeZone: 'Asia/Kolkata' };
    const [days, events] = [prorationOf('volume', zone), prorationOf('graduated', zone)];
    expect([days, events]).toEqual([
      { by: 'days', ...zone },
      { by: 'events', ...zone },
    ]);
    const asked = [null, days, events].map((proration) =>
      usageSlot(recurring, 'sub_1', window, null, { ...wish([]), proration }),
    );
    expect(sharedSlots(asked).map(({ proration }) => proration)).toEqual([events]);
    expect(sharedSlots(asked.slice(0, 2)).map(({ proration }) => proration)).toEqual([days]);
  });

  test('is read together with those of the same metric, subscription and time, by the keys of all', () => {
    const slots = [
      usageSlot(metric, 'sub_1', window, null, wish(['region'])),
      usageSlot(metric, 'sub_1', { ...window }, null, wish(['class'])),
      usageSlot(metric, 'sub_1', window, null, wish([])),
      usageSlot(metric, 'sub_1', { ...window, from: new Date('2026-01-02T00:00:00Z') }, null, wish([])),
      usageSlot(metric, 'sub_2', window, null, wish([])),
      usageSlot({ ...metric, id: 'm2' }, 'sub_1', window, null, wish([])),
      usageSlot({ ...metric, definitionVersion: 4 }, 'sub_1', window, null, wish([])),
      usageSlot(recurring, 'sub_1', window, null, wish([])),
      usageSlot(recurring, 'sub_1', window, past, wish([])),
    ];
    const shared = sharedSlots(slots);
    expect(shared.map(({ keys }) => keys)).toEqual([['class', 'region'], [], [], [], [], [], []]);
    expect(shared.map(({ id }) => id)).toEqual([...new Set(slots.map(({ id }) => id))]);
  });
});
