import { describe, expect, test } from '@jest/globals';
import { chargeFees } from '../../../billing/fees/charge-fees.ts';
import { trueUpParent, UNTOUCHED, type FeeSource, type InvoiceFee } from '../../../billing/fees/fee.ts';
import { Decimal, ZERO } from '../../../billing/money/decimal.ts';

const standard = (amount: string) => ({ chargeModel: 'standard', amount: new Decimal(amount) }) as const;
const used = (units: string, eventsCount: bigint) => ({ units: new Decimal(units), eventsCount });

describe('the fees of a charge', () => {
  test('are priced bucket by bucket and group by group, also those of nothing', () => {
    const presentation = null;
    const eu = { chargeFilterId: 'eu', pricing: standard('0.02'), presentation };
    const buckets = [
      { ...eu, groupedBy: { zone: 'a' }, usage: used('1000.4', 7n) },
      { ...eu, groupedBy: { zone: null }, usage: used('1', 1n) },
      { chargeFilterId: null, groupedBy: {}, pricing: standard('0.05'), usage: used('0', 0n), presentation },
    ];
    const fees = chargeFees(
      { rounding: { roundingFunction: 'ceil', roundingPrecision: null }, pricingUnit: null, buckets },
      'EUR',
    );
    expect(fees.map((fee) => [fee.chargeFilterId, fee.groupedBy, fee.units.toNumber(), fee.amountCents])).toEqual([
      ['eu', { zone: 'a' }, 1001, 2002n],
      ['eu', { zone: null }, 1, 2n],
      [null, {}, 0, 0n],
    ]);
  });
});

describe('a true-up', () => {
  const fee = (source: Partial<Extract<FeeSource, { kind: 'charge' }>>): InvoiceFee => ({
    source: {
      kind: 'charge',
      subscriptionId: 's1',
      chargeId: 'c1',
      chargeFilterId: null,
      groupedBy: {},
      isTrueUp: false,
      totalAggregatedUnits: ZERO,
      eventsCount: 0n,
      presentation: null,
      pricingUnit: null,
      fromDatetime: new Date('2026-03-01T00:00:00Z'),
      toDatetime: new Date('2026-03-31T23:59:59.999Z'),
      ...source,
    },
    units: ZERO,
    amountCents: 0n,
    preciseAmountCents: ZERO,
    unitAmountCents: 0n,
    preciseUnitAmount: ZERO,
    invoiceDisplayName: 'Requests',
    amountDetails: {},
    ...UNTOUCHED,
  });
  const trueUp = fee({ isTrueUp: true });
  const fees = [fee({ subscriptionId: 's0' }), fee({ chargeId: 'c0' }), fee({ chargeFilterId: 'f1' }), fee({}), trueUp];

  test('belongs to the fee of what no filter of its charge takes; other fees belong to none', () => {
    expect(fees.map((one) => trueUpParent(fees, one))).toEqual([null, null, null, null, 3]);
  });

  test('without such a fee is refused', () => {
    expect(() => trueUpParent(fees.slice(0, 3), trueUp)).toThrow('the true-up of charge c1 has no fee to belong to');
  });
});
