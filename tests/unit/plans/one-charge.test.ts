import { describe, expect, test } from '@jest/globals';
import type { PresentCharge } from '../../../billing/plans/charge-list.ts';
import {
  addedCharge,
  addedFilter,
  changedCharge,
  changedFilter,
  chargeByCode,
  droppedCharge,
  droppedFilter,
  filterById,
} from '../../../billing/plans/one-charge.ts';
import type { ChargeCommand } from '../../../billing/plans/plan-command.ts';
import { invalid, notFound } from '../../../billing/refusal.ts';

const AT = new Date('2026-01-01T00:00:00Z');
const FILTERS = ['aws', 'gcp'].map((cloud) => ({
  id: cloud,
  values: { cloud: [cloud] },
  properties: { amount: '5' },
  createdAt: AT,
}));

const present = (code: string, position: number): PresentCharge => ({
  id: `id-${code}`,
  billableMetricId: 'metric',
  code,
  chargeModel: 'standard',
  properties: { amount: '1' },
  payInAdvance: false,
  invoiceable: true,
  prorated: false,
  minAmountCents: 0n,
  pricingUnitId: null,
  pricingUnitRate: null,
  position,
  filters: code === 'a' ? FILTERS : [],
});
const [A, B] = [present('a', 0), present('b', 3)];
const CHARGES = {
  present: [A, B],
  pricingUnits: new Map<string, string>(),
  metrics: new Map([
    [
      'metric',
      {
        id: 'metric',
        code: 'metric',
        aggregationType: 'sum_agg',
        recurring: false,
        filters: [{ key: 'cloud', values: ['aws', 'gcp', 'azure'] }],
      } as const,
    ],
  ]),
};

const command = (asked: Partial<ChargeCommand>): ChargeCommand => ({
  place: 'charge',
  id: null,
  billableMetricId: null,
  code: null,
  chargeModel: 'standard',
  properties: { amount: '2' },
  invoiceDisplayName: null,
  payInAdvance: false,
  invoiceable: true,
  regroupPaidFees: null,
  prorated: false,
  minAmountCents: 0n,
  acceptsTargetWallet: false,
  appliedPricingUnit: null,
  filters: null,
  taxCodes: null,
  unavailable: [],
  ...asked,
});
const unlocked = { isLocked: false };

describe('a charge by itself', () => {
  test('is added after the others', () => {
    const change = addedCharge(command({ code: 'c', billableMetricId: 'METRIC' }), CHARGES);
    expect(change).toMatchObject({
      keep: ['id-a', 'id-b'],
      add: [{ code: 'c', position: 4, properties: { amount: '2' }, filters: [] }],
      change: [],
      drop: [],
    });
    expect(
      addedCharge(command({ code: 'c', billableMetricId: 'metric' }), { ...CHARGES, present: [] }).add,
    ).toMatchObject([{ position: 0 }]);
  });

  test('changes in its place, with the filters that it has', () => {
    expect(changedCharge(A, command({ code: 'z' }), CHARGES, unlocked)).toMatchObject({
      keep: ['id-b'],
      change: [{ id: 'id-a', code: 'z', position: 0, filters: [{ id: 'aws' }, { id: 'gcp' }] }],
    });
    expect(changedCharge(A, command({ code: 'z' }), CHARGES, { isLocked: true }).change).toMatchObject([{ code: 'a' }]);
  });

  test('goes alone', () => {
    expect(droppedCharge(A, CHARGES)).toEqual({ keep: ['id-b'], change: [], add: [], drop: ['id-a'] });
  });

  test.each([
    [{ billableMetricId: 'metric' }, invalid({ code: ['value_is_mandatory'] })],
    [{ billableMetricId: 'metric', code: 'b' }, invalid({ code: ['value_already_exist'] })],
    [{ billableMetricId: 'other', code: 'c' }, notFound('billable_metric')],
    [{ code: 'c' }, notFound('billable_metric')],
  ])('is not added as %j', (asked: Partial<ChargeCommand>, refusal) => {
    expect(() => addedCharge(command(asked), CHARGES)).toThrow(refusal);
  });

  test('does not get the code of another', () => {
    expect(() => changedCharge(A, command({ code: 'b' }), CHARGES, unlocked)).toThrow(
      invalid({ code: ['value_already_exist'] }),
    );
  });

  test('is found by its code', () => {
    expect(chargeByCode([A, B], 'b')).toBe(B);
    expect(() => chargeByCode([A, B], 'c')).toThrow(notFound('charge'));
  });
});

describe('a filter by itself', () => {
  const filtersOf = ({ change }: ReturnType<typeof addedFilter>) =>
    change[0]?.filters.map(({ id, values, properties }) => [id, values['cloud']?.[0], properties['amount']]);

  test('is added after the others, changes in its place, goes alone', () => {
    const azure = { values: { cloud: ['azure'] }, properties: { amount: '7' }, invoiceDisplayName: null };
    expect(filtersOf(addedFilter(A, azure, CHARGES))).toEqual([
      ['aws', 'aws', '5'],
      ['gcp', 'gcp', '5'],
      [null, 'azure', '7'],
    ]);
    expect(filtersOf(changedFilter(A, FILTERS[1]!, { properties: { amount: '8' } }, CHARGES))).toEqual([
      ['aws', 'aws', '5'],
      ['gcp', 'gcp', '8'],
    ]);
    expect(filtersOf(droppedFilter(A, FILTERS[0]!, CHARGES))).toEqual([['gcp', 'gcp', '5']]);
  });

  test('leaves the charge and the others as they are', () => {
    const { filters: _, ...charge } = A;
    expect(droppedFilter(A, FILTERS[0]!, CHARGES)).toMatchObject({ keep: ['id-b'], change: [charge], drop: [] });
  });

  test('is found by its id', () => {
    expect(filterById(FILTERS, 'GCP')).toBe(FILTERS[1]);
    expect(() => filterById(FILTERS, 'other')).toThrow(notFound('charge_filter'));
  });
});
