import { expect, test } from '@jest/globals';
import { usageSlot } from '../../../billing/usage/usage-slot.ts';

const metric = {
  code: 'seats',
  fieldName: 'seats',
  aggregationType: 'sum_agg',
  recurring: true,
  rolledUp: false,
} as const;
const window = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-31T23:59:59.999Z') };

test('a slot asks for the events of the code within the window, with those before it where the metric carries over', () => {
  expect(usageSlot(metric, 'sub_1', window)).toEqual({
    externalSubscriptionId: 'sub_1',
    code: 'seats',
    fieldName: 'seats',
    ...window,
    carriesOver: true,
    rolledUp: false,
  });
  expect(usageSlot({ ...metric, recurring: false }, 'sub_1', window).carriesOver).toBe(false);
});
