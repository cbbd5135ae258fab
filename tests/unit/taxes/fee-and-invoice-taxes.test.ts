import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '../../../billing/money/decimal.ts';
import { taxesOfFee, type TaxableFee } from '../../../billing/taxes/fee-taxes.ts';
import { taxesOfInvoice, type TaxedFee } from '../../../billing/taxes/invoice-taxes.ts';
import type { Tax } from '../../../billing/taxes/tax.ts';
import { exampleFee, exampleTax } from './example-taxes.ts';

const TEN = exampleTax('ten', '10');
const OTHER_TEN = exampleTax('other_ten', '10');
const TWENTY = exampleTax('twenty', '20');
const FORTY = exampleTax('forty', '40');

const taxed = (fee: TaxableFee, ...taxes: readonly Tax[]): TaxedFee => ({ ...fee, ...taxesOfFee(fee, taxes) });

const subTotal = (fees: readonly TaxableFee[]): bigint =>
  fees.reduce((sum, fee) => sum + fee.amountCents - BigInt(fee.preciseCouponsAmountCents.toFixed(0)), 0n);

const invoiceTaxes = (fees: readonly TaxedFee[]) => taxesOfInvoice(fees, subTotal(fees));

const times = <T>(count: number, one: T): readonly T[] => Array.from({ length: count }, () => one);

describe('the facts of taxes (spec, money 1.5)', () => {
  test.each([
    {
      about: 'a fee of 17900 at 10 and one of 39900 less 25000 at 10 + 10',
      fees: [taxed(exampleFee(17900), TEN), taxed(exampleFee(39900, '25000'), TEN, OTHER_TEN)],
      each: [1790n, 2980n],
      taxes: 4770n,
      rate: '14.54268',
      total: 37570n,
    },
    {
      about: 'two fees of 6833 at 20',
      fees: times(2, taxed(exampleFee(6833), TWENTY)),
      each: [1367n, 1367n],
      taxes: 2733n,
      rate: '20',
      total: 16399n,
    },
    {
      about: 'four fees of 6833 at 20',
      fees: times(4, taxed(exampleFee(6833), TWENTY)),
      each: times(4, 1367n),
      taxes: 5466n,
      rate: '20',
      total: 32798n,
    },
    {
      about: 'six fees of 0.4 cents and two of one cent at 40',
      fees: [...times(6, taxed(exampleFee(0, '0', '0.4'), FORTY)), ...times(2, taxed(exampleFee(1), FORTY))],
      each: times(8, 0n),
      taxes: 1n,
      rate: '40',
      total: 3n,
    },
    {
      about: 'eight fees of one cent that are 1.4 precisely at 40',
      fees: times(8, taxed(exampleFee(1, '0', '1.4'), FORTY)),
      each: times(8, 0n),
      taxes: 3n,
      rate: '40',
      total: 11n,
    },
    {
      about: '2999 at 23.33',
      fees: [taxed(exampleFee(2999), exampleTax('t', '23.33'))],
      each: [700n],
      taxes: 700n,
      rate: '23.33',
      total: 3699n,
    },
    {
      about: '76900 at 20',
      fees: [taxed(exampleFee(76900), TWENTY)],
      each: [15380n],
      taxes: 15380n,
      rate: '20',
      total: 92280n,
    },
  ])('$about: $taxes of taxes', ({ fees, each, taxes, rate, total }) => {
    expect(fees.map((fee) => fee.taxesAmountCents)).toEqual(each);
    const invoice = invoiceTaxes(fees);
    expect(invoice.taxesAmountCents).toBe(taxes);
    expect(invoice.taxesRate.toFixed()).toBe(rate);
    expect(subTotal(fees) + invoice.taxesAmountCents).toBe(total);
  });

  test('fees below a cent keep their precise tax', () => {
    expect(taxed(exampleFee(1, '0', '1.4'), FORTY).taxesPreciseAmountCents.toFixed()).toBe('0.56');
    expect(taxed(exampleFee(6833), TWENTY).taxesPreciseAmountCents.toFixed()).toBe('1366.6');
  });

  test('a row says what it was taken from and its own rounded part', () => {
    const { appliedTaxes } = invoiceTaxes([
      taxed(exampleFee(17900), TEN),
      taxed(exampleFee(39900, '25000'), TEN, OTHER_TEN),
    ]);
    expect(appliedTaxes).toMatchObject([
      { code: 'ten', feesAmountCents: 32800n, amountCents: 3280n },
      { code: 'other_ten', feesAmountCents: 14900n, amountCents: 1490n },
    ]);
  });

  test('three taxes of a third of a cent are a cent together and nothing each', () => {
    const thirds = ['a', 'b', 'c'].map((code) => exampleTax(code, '33.4'));
    const fee = taxed(exampleFee(1), ...thirds);
    expect(fee.appliedTaxes.map(({ amountCents }) => amountCents)).toEqual([0n, 0n, 0n]);
    expect(fee.taxesAmountCents).toBe(1n);
    expect(invoiceTaxes([fee]).taxesAmountCents).toBe(1n);
  });
});

describe('edge cases (spec, money 1.9)', () => {
  test('an invoice of nothing still has its rows and a rate by the number of fees', () => {
    const fees = [taxed(exampleFee(0), TWENTY), taxed(exampleFee(0)), taxed(exampleFee(0), TEN), taxed(exampleFee(0))];
    const invoice = taxesOfInvoice(fees, 0n);
    expect(invoice.appliedTaxes).toMatchObject([
      { code: 'twenty', amountCents: 0n, feesAmountCents: 0n },
      { code: 'ten', amountCents: 0n, feesAmountCents: 0n },
    ]);
    expect(invoice.taxesRate.toFixed()).toBe('7.5');
  });

  test('a fee that a coupon covers has the rate and no tax', () => {
    const taxes = taxed(exampleFee(10000, '10000'), TEN);
    expect(taxes.taxesRate.toFixed()).toBe('10');
    expect(taxes.taxesAmountCents).toBe(0n);
    expect(taxes.appliedTaxes).toHaveLength(1);
  });

  test('an invoice without fees has neither taxes nor a rate', () => {
    expect(taxesOfInvoice([], 0n)).toEqual({ appliedTaxes: [], taxesAmountCents: 0n, taxesRate: new Decimal(0) });
  });
});

const TAXES = ['0', '1.3', '5.5', '8.5', '20', '25.5', '33.4'].map((rate, at) => exampleTax(`t${at}`, rate));
const anyFee = fc
  .record({
    amountCents: fc.integer({ min: 0, max: 1_000_000_000 }),
    coupons: fc.double({ min: 0, max: 1, noNaN: true }),
    beyond: fc.integer({ min: -4999, max: 4999 }),
    taxes: fc.subarray(TAXES),
  })
  .map(({ amountCents, coupons, beyond, taxes }) => {
    const covered = new Decimal(amountCents).times(coupons).toDecimalPlaces(5).toFixed();
    const precise = Decimal.max(0, new Decimal(amountCents).plus(new Decimal(beyond).div(10_000))).toFixed();
    return taxed(exampleFee(amountCents, covered, precise), ...taxes);
  });
const anyInvoice = fc.array(anyFee, { maxLength: 20 });

/** What of an invoice's taxes may not depend on an order. */
const unordered = (fees: readonly TaxedFee[]) => {
  const { appliedTaxes, taxesAmountCents, taxesRate } = taxesOfInvoice(fees, 1_000_000n);
  return {
    rows: appliedTaxes.map((row) => `${row.code} ${row.feesAmountCents} ${row.amountCents}`).toSorted(),
    taxesAmountCents,
    taxesRate: taxesRate.toFixed(),
  };
};

describe('taxes of any invoice', () => {
  test('are the same in whatever order fees and taxes come', () => {
    fc.assert(
      fc.property(anyInvoice, (fees) => {
        const turned = fees
          .toReversed()
          .map((fee) =>
            taxed(fee, ...fee.appliedTaxes.map(({ taxId }) => TAXES.find((tax) => tax.taxId === taxId)!).toReversed()),
          );
        expect(unordered(turned)).toEqual(unordered(fees));
      }),
    );
  });

  test('are rounded once: never half a cent from the exact sum', () => {
    fc.assert(
      fc.property(anyInvoice, (fees) => {
        const exact = fees.reduce(
          (sum, fee) =>
            sum.plus(new Decimal(fee.amountCents).minus(fee.preciseCouponsAmountCents).times(fee.taxesRate).div(100)),
          new Decimal(0),
        );
        const { taxesAmountCents } = taxesOfInvoice(fees, 1n);
        expect(exact.minus(taxesAmountCents).abs().lte('0.5')).toBe(true);
      }),
    );
  });

  test('have shares that make the rate, where one rate is on every fee', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 10_000_000 }), { minLength: 1 }), (amounts) => {
        const fees = amounts.map((amount) => taxed(exampleFee(amount), TWENTY));
        expect(invoiceTaxes(fees).taxesRate.toFixed()).toBe('20');
      }),
    );
  });

  test('name each tax of a fee once, with the bases of all its fees', () => {
    fc.assert(
      fc.property(anyInvoice, (fees) => {
        const { appliedTaxes } = taxesOfInvoice(fees, 1n);
        const used = new Set(fees.flatMap((fee) => fee.appliedTaxes.map(({ code }) => code)));
        expect(appliedTaxes.map(({ code }) => code).toSorted()).toEqual([...used].toSorted());
      }),
    );
  });
});
