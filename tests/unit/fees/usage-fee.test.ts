import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isStored, usageFee } from '../../../billing/fees/usage-fee.ts';
import type { UsageFee } from '../../../billing/fees/usage-fee.ts';
import type { ChargePricing } from '../../../billing/charges/charge-model.ts';
import type { Currency } from '../../../billing/money/currency.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

const AS_IS = { roundingFunction: null, roundingPrecision: null };

function standard(amount: string): ChargePricing {
  return { chargeModel: 'standard', amount: new Decimal(amount) };
}

function graduated(perUnit: string, flat: string): ChargePricing {
  const range = { fromValue: 0, toValue: null, perUnitAmount: new Decimal(perUnit), flatAmount: new Decimal(flat) };
  return { chargeModel: 'graduated', ranges: [range] };
}

function feeOf(units: string, pricing: ChargePricing, currency: Currency = 'EUR'): UsageFee {
  return usageFee({
    usage: { units: new Decimal(units), eventsCount: 1n },
    rounding: AS_IS,
    pricing,
    money: { currency, pricingUnit: null },
  });
}

describe('fees for usage', () => {
  // Spec, usage 10: amounts round half away from zero, unit amounts are truncated.
  test.each([
    ['10', '5.12345', 'EUR', 5123n, '5123.45', 512n, '5.12345'],
    ['1', '0.0139375', 'EUR', 1n, '1.39375', 1n, '0.0139375'],
    ['1', '0.019', 'EUR', 2n, '1.9', 1n, '0.019'],
    ['1', '0.005', 'EUR', 1n, '0.5', 0n, '0.005'],
    ['1', '0.004', 'EUR', 0n, '0.4', 0n, '0.004'],
    ['3', '0.004', 'EUR', 1n, '1.2', 0n, '0.004'],
    ['3', '166.5', 'JPY', 500n, '499.5', 166n, '166.5'],
    ['1', '1.2345', 'KWD', 1235n, '1234.5', 1234n, '1.2345'],
  ] as const)('%s units at %s %s', (units, price, currency, cents, precise, unitCents, unit) => {
    const fee = feeOf(units, standard(price), currency);
    expect(fee.amountCents).toBe(cents);
    expect(fee.preciseAmountCents.toFixed()).toBe(precise);
    expect(fee.unitAmountCents).toBe(unitCents);
    expect(fee.preciseUnitAmount.toFixed()).toBe(unit);
  });

  test('a unit price that does not end keeps 15 digits', () => {
    // 10 + 1 flat over 3 units: 31 / 3.
    expect(feeOf('3', graduated('10', '1')).preciseUnitAmount.toFixed()).toBe('10.333333333333333');
  });

  test('units are rounded by the metric before they are priced', () => {
    const rounding = { roundingFunction: 'ceil', roundingPrecision: null } as const;
    const usage = { units: new Decimal('2.1'), eventsCount: 4n };
    const fee = usageFee({ usage, rounding, pricing: standard('2'), money: { currency: 'EUR', pricingUnit: null } });
    expect([fee.units.toFixed(), fee.amountCents, fee.eventsCount]).toEqual(['3', 600n, 4n]);
  });

  test('prorated usage: full units are shown, prorated ones are priced', () => {
    const usage = { units: new Decimal('1.6'), fullUnits: new Decimal('10.4'), eventsCount: 1n };
    const rounding = { roundingFunction: 'round', roundingPrecision: 0 } as const;
    const fee = usageFee({ usage, rounding, pricing: standard('3'), money: { currency: 'EUR', pricingUnit: null } });
    expect([fee.units.toFixed(), fee.amountCents, fee.preciseUnitAmount.toFixed()]).toEqual(['10', 600n, '0.6']);
  });

  test('no units of a graduated charge still cost the first flat amount', () => {
    const usage = { units: new Decimal(0), eventsCount: 0n };
    const fee = usageFee({
      usage,
      rounding: AS_IS,
      pricing: graduated('10', '2'),
      money: { currency: 'EUR', pricingUnit: null },
    });
    expect([fee.amountCents, fee.unitAmountCents, isStored(fee)]).toEqual([200n, 0n, true]);
  });

  test.each([
    ['negative units', '-3', standard('2')],
    ['negative units with a flat amount that outweighs them', '-1', graduated('1', '100')],
  ])('%s become nothing', (_, units, pricing) => {
    const fee = feeOf(units, pricing);
    expect([fee.units.toFixed(), fee.preciseAmountCents.toFixed(), fee.preciseUnitAmount.toFixed()]).toEqual([
      '0',
      '0',
      '0',
    ]);
    expect([fee.amountCents, fee.unitAmountCents]).toEqual([0n, 0n]);
    expect(fee.eventsCount).toBe(1n);
  });

  test('negative full units become nothing too', () => {
    const usage = { units: new Decimal(1), fullUnits: new Decimal(-1), eventsCount: 1n };
    expect(
      usageFee({ usage, rounding: AS_IS, pricing: standard('2'), money: { currency: 'EUR', pricingUnit: null } })
        .amountCents,
    ).toBe(0n);
  });

  test('a fee is never negative and its cents are within half a cent of the precise amount', () => {
    const units = fc.tuple(fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), fc.integer({ min: 0, max: 9 }));
    const price = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 9n }), fc.integer({ min: 0, max: 9 }));
    fc.assert(
      fc.property(units, price, fc.boolean(), ([u, uScale], [p, pScale], tiered) => {
        const amount = new Decimal(`${p}e-${pScale}`).toFixed();
        const fee = feeOf(new Decimal(`${u}e-${uScale}`).toFixed(), tiered ? graduated(amount, '1') : standard(amount));
        expect(fee.amountCents >= 0n && fee.units.gte(0) && fee.preciseUnitAmount.gte(0)).toBe(true);
        expect(fee.preciseAmountCents.minus(fee.amountCents.toString()).abs().lte('0.5')).toBe(true);
      }),
    );
  });
});

describe('which fees an invoice keeps', () => {
  // Spec, usage 4.6.
  test.each([
    ['0', 0n, 0n, false],
    ['1', 0n, 0n, true],
    ['0', 1n, 0n, true],
    ['0', 0n, 1n, true],
  ] as const)('%s units, %s cents, %s events: %p', (units, amountCents, eventsCount, kept) => {
    expect(isStored({ units: new Decimal(units), amountCents, eventsCount })).toBe(kept);
  });
});
