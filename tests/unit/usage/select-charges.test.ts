import { describe, expect, test } from '@jest/globals';
import { notAllowed, notFound } from '../../../billing/refusal.ts';
import { selectCharges, type UsageSelection } from '../../../billing/usage/select-charges.ts';

const charge = (id: string, code: string, metric: string, prorated = false) => ({
  charge: { id, code, prorated },
  billableMetric: { code: metric, name: metric },
});
const charges = [
  charge('1', 'b', 'Storage'),
  charge('2', 'a', 'requests'),
  charge('3', 'c', 'Storage'),
  charge('4', 'd', 'seats', true),
];
const ALL: UsageSelection = {
  chargeId: null,
  chargeCode: null,
  metricCode: null,
  group: {},
  presentationKeys: null,
  fullUsage: false,
};
const FULL = ['granular_lifetime_usage'];

const select = (selection: Partial<UsageSelection>, switchedOn: readonly string[] = []) =>
  selectCharges(charges, { ...ALL, ...selection }, switchedOn).map(({ charge: { id } }) => id);

// Spec, usage 7.1.
describe('the charges whose usage is asked for', () => {
  test.each<[Partial<UsageSelection>, string[]]>([
    [{}, ['2', '4', '1', '3']],
    [{ chargeId: '3' }, ['3']],
    [{ chargeCode: 'a' }, ['2']],
    [{ metricCode: 'Storage' }, ['1', '3']],
    [{ chargeId: '3', chargeCode: 'a', metricCode: 'seats' }, ['3']],
  ])('%j: %j', (selection, ids) => {
    expect(select(selection)).toEqual(ids);
  });

  test('must exist', () => {
    expect(() => select({ chargeCode: 'none' })).toThrow(notFound('charge'));
  });

  test('are shown since the start of the subscription where that is switched on, for chosen charges', () => {
    const refusal = notAllowed('full_usage_not_allowed');
    expect(select({ chargeId: '1', fullUsage: true }, FULL)).toEqual(['1']);
    expect(() => select({ chargeId: '1', fullUsage: true })).toThrow(refusal);
    expect(() => select({ fullUsage: true }, FULL)).toThrow(refusal);
    expect(() => select({ chargeId: '4', fullUsage: true }, FULL)).toThrow(refusal);
  });

  test('are shown since then for one group, too', () => {
    const unprorated = charges.filter(({ charge: { prorated } }) => !prorated);
    const selection = { ...ALL, group: { user: ['7'] }, fullUsage: true };
    expect(selectCharges(unprorated, selection, FULL)).toHaveLength(3);
  });
});
