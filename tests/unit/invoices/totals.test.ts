import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { invoiceTotals, NO_CREDITS } from '../../../billing/invoices/totals.ts';

describe('totals of an invoice', () => {
  test('nothing but fees', () => {
    expect(invoiceTotals([{ amountCents: 55n }, { amountCents: 45n }], NO_CREDITS)).toEqual({
      feesAmountCents: 100n,
      progressiveBillingCreditAmountCents: 0n,
      couponsAmountCents: 0n,
      subTotalExcludingTaxesAmountCents: 100n,
      taxesAmountCents: 0n,
      subTotalIncludingTaxesAmountCents: 100n,
      creditNotesAmountCents: 0n,
      prepaidCreditAmountCents: 0n,
      totalAmountCents: 100n,
    });
  });

  test('credits come off before and after taxes', () => {
    const totals = invoiceTotals([{ amountCents: 1000n }], {
      progressiveBillingCreditAmountCents: 100n,
      couponsAmountCents: 50n,
      taxesAmountCents: 170n,
      creditNotesAmountCents: 20n,
      prepaidCreditAmountCents: 300n,
    });
    expect(totals.subTotalExcludingTaxesAmountCents).toBe(850n);
    expect(totals.subTotalIncludingTaxesAmountCents).toBe(1020n);
    expect(totals.totalAmountCents).toBe(700n);
  });

  test('no fees, nothing to pay', () => {
    expect(invoiceTotals([], NO_CREDITS).totalAmountCents).toBe(0n);
  });

  test('the parts of an invoice make its total in whatever order the fees come', () => {
    const cents = fc.bigInt({ min: 0n, max: 10n ** 15n });
    const credits = fc.record({
      progressiveBillingCreditAmountCents: cents,
      couponsAmountCents: cents,
      taxesAmountCents: cents,
      creditNotesAmountCents: cents,
      prepaidCreditAmountCents: cents,
    });
    fc.assert(
      fc.property(fc.array(cents), credits, (amounts, given) => {
        const fees = amounts.map((amountCents) => ({ amountCents }));
        const totals = invoiceTotals(fees, given);
        const { taxesAmountCents: added, ...taken } = given;
        const expected = [...amounts, added, ...Object.values(taken).map((credit) => -credit)];
        expect(totals.totalAmountCents).toBe(expected.reduce((sum, part) => sum + part, 0n));
        expect(invoiceTotals(fees.toReversed(), given)).toEqual(totals);
      }),
    );
  });
});
