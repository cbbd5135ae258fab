import { describe, expect, test } from '@jest/globals';
import { Decimal } from '../../../billing/money/decimal.ts';
import { taxesOfInvoice } from '../../../billing/taxes/invoice-taxes.ts';
import {
  parameterized,
  ProviderAnswerUnusable,
  taxesByProvider,
  type ProviderFeeTaxes,
} from '../../../billing/taxes/provider-taxes.ts';
import { exampleFee } from './example-taxes.ts';

const sent = (feeId: string, cents: number) => ({ feeId, ...exampleFee(cents) });
const said = (feeId: string, cents: number, ...rates: readonly string[]): ProviderFeeTaxes => ({
  feeId,
  taxAmountCents: BigInt(cents),
  breakdown: rates.map((rate) => ({
    name: `Sales Tax ${rate}`,
    rate: new Decimal(rate),
    taxAmountCents: BigInt(cents),
    type: 'tax',
  })),
});

describe('taxes of an external provider (spec, money 1.8; S067)', () => {
  const fees = [sent('one', 1000), sent('two', 2000), sent('three', 300)];
  const answer = [said('one', 200, '0.2'), said('two', 100, '0.05'), said('three', 0)];

  test('each fee gets its own, in whatever order they come', () => {
    for (const order of [answer, answer.toReversed()]) {
      const taxes = taxesByProvider(fees, order);
      expect([...taxes.keys()]).toEqual(['one', 'two', 'three']);
      expect([...taxes.values()].map(({ taxesAmountCents }) => taxesAmountCents)).toEqual([200n, 100n, 0n]);
      expect(taxes.get('two')!.appliedTaxes).toMatchObject([
        { taxId: null, code: 'sales_tax_0_05', rate: new Decimal(5), amountCents: 100n },
      ]);
    }
  });

  test('what is taken less than the rate is a part that is not taxed', () => {
    const [fee] = fees;
    const taxes = taxesByProvider([fee!], [said('one', 67, '0.2')]).get('one')!;
    expect(taxes.taxesAmountCents).toBe(67n);
    expect(taxes.taxesRate.toFixed()).toBe('20');
    expect(taxes.taxesBaseRate.toFixed(3)).toBe('0.335');
    expect(taxesOfInvoice([{ ...fee!, ...taxes }], 1000n)).toMatchObject({
      taxesAmountCents: 67n,
      appliedTaxes: [{ feesAmountCents: 335n, amountCents: 67n }],
    });
  });

  test('what rounding alone explains leaves the whole fee taxed', () => {
    const taxes = taxesByProvider([sent('one', 1001)], [said('one', 200, '0.2')]).get('one')!;
    expect(taxes.taxesBaseRate.toFixed()).toBe('1');
  });

  test('an answer that lacks a fee or has one twice is no answer', () => {
    expect(() => taxesByProvider(fees, answer.slice(1))).toThrow(ProviderAnswerUnusable);
    expect(() => taxesByProvider(fees, [...answer, said('one', 1, '0.2')])).toThrow(ProviderAnswerUnusable);
  });

  test('names become codes', () => {
    expect(parameterized('Sales Tax (CA)')).toBe('sales_tax_ca');
    expect(parameterized('  TVA à 20 % ')).toBe('tva_a_20');
  });
});
