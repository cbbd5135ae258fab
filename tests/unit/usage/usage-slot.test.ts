import { describe, expect, test } from '@jest/globals';
import { sharedSlots, usageSlot } from '../../../billing/usage/usage-slot.ts';

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

describe('a slot', () => {
  test('asks for the events of the code within the window, with those before it where the metric carries over', () => {
    const slot = usageSlot(metric, 'sub_1', window, past, ['region'], null);
    expect(slot).toMatchObject({ externalSubscriptionId: 'sub_1', metric, ...window, keys: ['region'], history: null });
    expect(usageSlot(recurring, 'sub_1', window, null, [], null).history).toEqual([{ from: null, to: window.to }]);
    expect(usageSlot(recurring, 'sub_1', window, past, [], null).history).toEqual(past);
  });

  test('is read together with those of the same metric, subscription and time, by the keys of all', () => {
    const slots = [
      usageSlot(metric, 'sub_1', window, null, ['region'], null),
      usageSlot(metric, 'sub_1', { ...window }, null, ['class'], null),
      usageSlot(metric, 'sub_1', window, null, [], null),
      usageSlot(metric, 'sub_1', { ...window, from: new Date('2026-01-02T00:00:00Z') }, null, [], null),
      usageSlot(metric, 'sub_2', window, null, [], null),
      usageSlot({ ...metric, id: 'm2' }, 'sub_1', window, null, [], null),
      usageSlot({ ...metric, definitionVersion: 4 }, 'sub_1', window, null, [], null),
      usageSlot(recurring, 'sub_1', window, null, [], null),
      usageSlot(recurring, 'sub_1', window, past, [], null),
    ];
    const shared = sharedSlots(slots);
    expect(shared.map(({ keys }) => keys)).toEqual([['class', 'region'], [], [], [], [], [], []]);
    expect(shared.map(({ id }) => id)).toEqual([...new Set(slots.map(({ id }) => id))]);
  });
});
