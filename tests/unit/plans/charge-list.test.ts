import { describe, expect, test } from '@jest/globals';
import {
  chargeListChange,
  wantedCharges,
  type ChargeableMetric,
  type PresentCharge,
} from '../../../billing/plans/charge-list.ts';
import type { ChargeCommand } from '../../../billing/plans/plan-command.ts';
import { featureUnavailable, invalid, notFound } from '../../../billing/refusal.ts';

const CALLS: ChargeableMetric = {
  id: 'metric-calls',
  code: 'calls',
  aggregationType: 'count_agg',
  recurring: false,
  filters: [],
};
const STORAGE: ChargeableMetric = {
  id: 'metric-storage',
  code: 'storage',
  aggregationType: 'sum_agg',
  recurring: false,
  filters: [],
};
const NAMED = {
  metrics: new Map([CALLS, STORAGE].map((metric) => [metric.id, metric])),
  pricingUnits: new Map([['credits', 'unit-credits']]),
};

const command = (asked: Partial<ChargeCommand>): ChargeCommand => ({
  place: 'charges.0',
  id: null,
  billableMetricId: null,
  code: null,
  chargeModel: 'standard',
  properties: { amount: '1' },
  invoiceDisplayName: null,
  payInAdvance: false,
  invoiceable: true,
  regroupPaidFees: null,
  prorated: false,
  minAmountCents: 0n,
  acceptsTargetWallet: false,
  appliedPricingUnit: null,
  filters: null,
  taxCodes: [],
  unavailable: [],
  ...asked,
});

const present = (id: string, metric: ChargeableMetric, position: number): PresentCharge => ({
  id,
  billableMetricId: metric.id,
  code: metric.code,
  chargeModel: 'standard',
  properties: { amount: '1' },
  payInAdvance: false,
  invoiceable: true,
  prorated: false,
  minAmountCents: 0n,
  pricingUnitId: null,
  pricingUnitRate: null,
  position,
  filters: [],
});

const PRESENT = [present('a', CALLS, 0), present('b', STORAGE, 1)];

const wanted = (commands: readonly ChargeCommand[], isLocked = false) =>
  wantedCharges(commands, PRESENT, NAMED, { isLocked });

const changeOf = (commands: readonly ChargeCommand[], isLocked = false) =>
  chargeListChange(PRESENT, wanted(commands, isLocked));

describe('what becomes of the charges of a plan', () => {
  test('a list that says the same keeps them all', () => {
    expect(changeOf([command({ id: 'a' }), command({ id: 'b' })])).toEqual({
      keep: ['a', 'b'],
      change: [],
      add: [],
      drop: [],
    });
  });

  test('one changes, one comes, one goes', () => {
    const change = changeOf([
      command({ id: 'a', properties: { amount: '2' } }),
      command({ billableMetricId: STORAGE.id, code: 'more' }),
    ]);
    const rest = {
      chargeModel: 'standard',
      invoiceDisplayName: null,
      filters: [],
      payInAdvance: false,
      invoiceable: true,
      prorated: false,
      regroupPaidFees: null,
      minAmountCents: 0n,
      pricingUnitId: null,
      pricingUnitRate: null,
    };
    expect(change).toEqual({
      keep: [],
      change: [
        { ...rest, id: 'a', billableMetricId: CALLS.id, code: 'calls', position: 0, properties: { amount: '2' } },
      ],
      add: [{ ...rest, billableMetricId: STORAGE.id, code: 'more', position: 1, properties: { amount: '1' } }],
      drop: ['b'],
    });
  });

  test('another place in the list is a change', () => {
    const { keep, change } = changeOf([command({ id: 'b' }), command({ id: 'a' })]);
    expect({ keep, places: change.map(({ id, position }) => [id, position]) }).toEqual({
      keep: [],
      places: [
        ['b', 0],
        ['a', 1],
      ],
    });
  });

  test('an empty list drops them all', () => {
    expect(changeOf([])).toEqual({ keep: [], change: [], add: [], drop: ['a', 'b'] });
  });

  test('an id of another plan is no id: the item makes a charge', () => {
    const { add, drop } = changeOf([command({ id: 'elsewhere', billableMetricId: CALLS.id })]);
    expect({ added: add.length, drop }).toEqual({ added: 1, drop: ['a', 'b'] });
  });
});

// Spec, subscriptions-and-invoices 1.4.
describe('of a plan that has, or had, subscriptions', () => {
  const asked = command({
    id: 'a',
    billableMetricId: STORAGE.id,
    code: 'new',
    chargeModel: 'graduated',
    payInAdvance: true,
    minAmountCents: 500n,
    unavailable: ['pay_in_advance'],
  });

  test('model, code, metric and options of a charge stay', () => {
    expect(changeOf([asked], true)).toMatchObject({ keep: ['a'], change: [] });
  });

  test('nothing is asked of them that is ignored, but what is not there is refused', () => {
    const more = { ...asked, unavailable: [...asked.unavailable, 'something_new'] };
    expect(() => wanted([more], true)).toThrow(featureUnavailable(['charges.0.something_new']));
  });

  test('before, they are refused where they do not fit', () => {
    expect(() => wanted([asked])).toThrow(invalid({ min_amount_cents: ['not_compatible_with_pay_in_advance'] }));
  });
});

describe('a list is refused', () => {
  test.each<[string, Partial<ChargeCommand>[], Error]>([
    ['with an unknown metric', [{ billableMetricId: 'metric-none' }], notFound('billable_metrics')],
    ['without a metric', [{}], notFound('billable_metrics')],
    ['with one charge twice', [{ id: 'a' }, { id: 'a', code: 'other' }], invalid({ id: ['value_already_exist'] })],
    ['with one code twice', [{ id: 'a' }, { id: 'b', code: 'calls' }], invalid({ code: ['value_already_exist'] })],
    ['with an unknown model', [{ id: 'a', chargeModel: 'tiered' }], invalid({ charge_model: ['value_is_invalid'] })],
    [
      'with a custom model',
      [{ id: 'a', chargeModel: 'custom' }],
      invalid({ charge_model: ['invalid_aggregation_type_or_charge_model'] }),
    ],
    ['with a wrong price', [{ id: 'a', properties: { amount: 'x' } }], invalid({ properties: ['invalid_amount'] })],
  ])('%s', (_, asked, refusal) => {
    expect(() => wanted(asked.map(command))).toThrow(refusal);
  });
});
