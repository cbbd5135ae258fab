import { expect, test } from '@jest/globals';
import { invalid } from '../../../billing/refusal.ts';
import { refuseInvalidOptions, type ChargedMetric } from '../../../billing/plans/charge-options.ts';

const OPTIONS = {
  payInAdvance: false,
  invoiceable: true,
  regroupPaidFees: null,
  prorated: true,
  minAmountCents: 0n,
  acceptsTargetWallet: false,
};
const REFUSED = invalid({ prorated: ['invalid_billable_metric_or_charge_model'] });

const prorate = (
  model: string,
  aggregationType: ChargedMetric['aggregationType'],
  recurring = true,
  inAdvance = false,
) => refuseInvalidOptions({ ...OPTIONS, payInAdvance: inAdvance }, model, { aggregationType, recurring });

// Spec, usage 5.1.
test.each(['standard', 'volume', 'graduated'])('a recurring sum or unique count by %s can be prorated', (model) => {
  expect(() => prorate(model, 'sum_agg')).not.toThrow();
  expect(() => prorate(model, 'unique_count_agg')).not.toThrow();
  expect(() => prorate(model, 'sum_agg', false)).toThrow(REFUSED);
  expect(() => prorate(model, 'weighted_sum_agg')).toThrow(REFUSED);
});

test.each(['package', 'percentage', 'graduated_percentage', 'dynamic'])('%s cannot', (model) => {
  expect(() => prorate(model, 'sum_agg')).toThrow(REFUSED);
});

test('in advance only the standard price can', () => {
  expect(() => prorate('standard', 'sum_agg', true, true)).not.toThrow();
  expect(() => prorate('graduated', 'sum_agg', true, true)).toThrow(REFUSED);
});

// Spec, usage 3.2.
test('a latest value has no percentage', () => {
  const latest = { aggregationType: 'latest_agg', recurring: false } as const;
  for (const model of ['percentage', 'graduated_percentage']) {
    expect(() => refuseInvalidOptions({ ...OPTIONS, prorated: false }, model, latest)).toThrow(
      invalid({ properties: ['invalid_value'] }),
    );
  }
});
