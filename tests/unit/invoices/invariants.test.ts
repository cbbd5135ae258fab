import { describe, expect, test } from '@jest/globals';
import { parseLocalDate } from '../../../billing/calendar/local-date.ts';
import { assertInvoice, InvariantBroken } from '../../../billing/invoices/invariants.ts';
import { Decimal } from '../../../billing/money/decimal.ts';
import { taxesOfFee } from '../../../billing/taxes/fee-taxes.ts';
import { exampleTax } from '../taxes/example-taxes.ts';

type Invoice = Parameters<typeof assertInvoice>[0];

const FEE = {
  units: new Decimal(3),
  amountCents: 100n,
  preciseAmountCents: new Decimal('99.6'),
  unitAmountCents: 33n,
  preciseUnitAmount: new Decimal('0.332'),
  preciseCouponsAmountCents: new Decimal(10),
  ...taxesOfFee(
    {
      amountCents: 100n,
      preciseAmountCents: new Decimal('99.6'),
      preciseCouponsAmountCents: new Decimal(10),
    },
    [exampleTax('vat', '16.7')],
  ),
};
const day = parseLocalDate('2024-03-01');
const INVOICE: Invoice = {
  invoiceType: 'subscription',
  currency: 'EUR',
  timezone: 'UTC',
  status: 'finalized',
  taxStatus: 'succeeded',
  taxesRate: new Decimal('16.7'),
  appliedTaxes: [],
  paymentStatus: 'pending',
  appliedGracePeriod: 0,
  netPaymentTerm: 0,
  issuingDate: day,
  paymentDueDate: day,
  expectedFinalizationDate: day,
  fees: [FEE, FEE],
  couponUses: [
    {
      appliedCouponId: 'c1',
      creditAmountCents: 20n,
      after: { frequencyDurationRemaining: null, isTerminated: true },
      isChanged: true,
    },
  ],
  feesAmountCents: 200n,
  progressiveBillingCreditAmountCents: 30n,
  couponsAmountCents: 20n,
  subTotalExcludingTaxesAmountCents: 150n,
  taxesAmountCents: 30n,
  subTotalIncludingTaxesAmountCents: 180n,
  creditNotesAmountCents: 40n,
  prepaidCreditAmountCents: 60n,
  totalAmountCents: 80n,
};

function brokenBy(change: Partial<Invoice>): InvariantBroken {
  try {
    assertInvoice({ ...INVOICE, ...change });
  } catch (error) {
    if (error instanceof InvariantBroken) return error;
  }
  throw new Error('the invoice was accepted');
}

const withFee = (change: Partial<typeof FEE>): Partial<Invoice> => ({ fees: [FEE, { ...FEE, ...change }] });

describe('what must hold for an invoice', () => {
  test('one that adds up passes', () => {
    expect(() => assertInvoice(INVOICE)).not.toThrow();
  });

  test.each([
    ['feesAmountCents', 201n, '200'],
    ['subTotalExcludingTaxesAmountCents', 151n, '150'],
    ['subTotalIncludingTaxesAmountCents', 179n, '180'],
    ['totalAmountCents', 81n, '80'],
  ] as const)('a %s of %s is off', (name, value, expected) => {
    const error = brokenBy({ [name]: value });
    expect(error.values).toEqual({ [name]: `${value}`, expected });
    expect(error.message).toBe(`an invoice adds up: ${name} = ${value}, expected = ${expected}`);
  });

  test.each([['progressiveBillingCreditAmountCents'], ['couponsAmountCents'], ['taxesAmountCents']] as const)(
    'a changed %s no longer fits the sub totals',
    (name) => {
      expect(brokenBy({ [name]: INVOICE[name] + 1n }).invariant).toBe('an invoice adds up');
    },
  );

  test('credits beyond the total would make it negative', () => {
    const error = brokenBy({ creditNotesAmountCents: 121n, totalAmountCents: -1n });
    expect(error.invariant).toBe('nothing on an invoice is negative');
    expect(error.values).toEqual({ totalAmountCents: '-1' });
  });

  test('credits are not negative either, not even where the sum comes out right', () => {
    const change = { creditNotesAmountCents: -40n, prepaidCreditAmountCents: 140n };
    expect(brokenBy(change).values).toEqual({ creditNotesAmountCents: '-40' });
  });

  test.each([
    ['amountCents', { amountCents: -1n }],
    ['unitAmountCents', { unitAmountCents: -1n }],
    ['units', { units: new Decimal(-1) }],
    ['preciseAmountCents', { preciseAmountCents: new Decimal('-0.1') }],
    ['preciseUnitAmount', { preciseUnitAmount: new Decimal(-1) }],
    ['units', { units: new Decimal(NaN) }],
  ] as const)('a fee has no negative %s', (name, change) => {
    const error = brokenBy(withFee(change));
    expect(error.invariant).toBe('nothing on an invoice is negative');
    expect(Object.keys(error.values)).toEqual([`fees[1].${name}`]);
  });

  test.each([['99.4'], ['100.6'], ['101']])('100 cents are not %s rounded', (precise) => {
    const error = brokenBy(withFee({ preciseAmountCents: new Decimal(precise) }));
    expect(error.values).toEqual({ 'fees[1].amountCents': '100', 'fees[1].preciseAmountCents': precise });
  });

  test.each([['99.5'], ['100.499999999999999'], ['100']])('100 cents are %s rounded', (precise) => {
    expect(() => assertInvoice({ ...INVOICE, ...withFee({ preciseAmountCents: new Decimal(precise) }) })).not.toThrow();
  });

  test('cents beyond 2^53 - 1 are refused', () => {
    const most = 2n ** 53n - 1n;
    const fee = { ...FEE, amountCents: most, preciseAmountCents: new Decimal(most) };
    expect(brokenBy({ fees: [fee, FEE] }).values).toEqual({ feesAmountCents: '200', expected: `${most + 100n}` });
    expect(brokenBy({ fees: [{ ...fee, amountCents: most + 1n }] }).invariant).toBe('cents stay within 2^53 - 1');
    expect(brokenBy({ fees: [{ ...FEE, unitAmountCents: most + 1n }] }).invariant).toBe('cents stay within 2^53 - 1');
    expect(brokenBy({ fees: [fee, FEE], feesAmountCents: most + 100n }).values).toEqual({
      feesAmountCents: `${most + 100n}`,
    });
  });

  test('what is owed is not paid, and nothing is not owed', () => {
    expect(brokenBy({ paymentStatus: 'succeeded' }).values).toEqual({
      paymentStatus: 'succeeded',
      totalAmountCents: '80',
    });
    expect(brokenBy({ prepaidCreditAmountCents: 140n, totalAmountCents: 0n }).values['paymentStatus']).toBe('pending');
  });
});
