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
  // 105 each, of 180 in all 40.
  preciseCreditNotesAmountCents: new Decimal('23.33333'),
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
  noteUses: [{ creditNoteId: 'n1', amountCents: 40n, balanceAfterCents: 0n }],
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

  const [COUPON] = INVOICE.couponUses;
  const use = (change: Partial<NonNullable<typeof COUPON>>) => [{ ...COUPON!, ...change }];

  test.each([
    ['takes more than the invoice says', use({ creditAmountCents: 21n }), { couponsAmountCents: '20', credits: '21' }],
    ['takes less', use({ creditAmountCents: 19n }), { couponsAmountCents: '20', credits: '19' }],
    ['is missing', [], { couponsAmountCents: '20', credits: '0' }],
    [
      'takes the same twice',
      [...INVOICE.couponUses, ...INVOICE.couponUses],
      { couponsAmountCents: '20', credits: '40' },
    ],
  ])('a coupon %s', (_how, couponUses, values) => {
    const error = brokenBy({ couponUses });
    expect([error.invariant, error.values]).toEqual(['the coupons of an invoice are its credits', values]);
  });

  test('a coupon takes nothing that is negative', () => {
    const couponUses = [...use({ creditAmountCents: 21n }), ...use({ creditAmountCents: -1n })];
    expect(brokenBy({ couponUses }).values).toEqual({ 'couponUses.creditAmountCents': '-1' });
  });

  test('a coupon takes of a fee what there is', () => {
    const share = { preciseCouponsAmountCents: new Decimal('100.00001') };
    expect(brokenBy(withFee(share)).values).toEqual({ 'fees[1].amountCents without its coupons': '-0.00001' });
  });

  test.each([
    ['too little', '9.4', '19.4'],
    ['more than with progressive credits', '40.6', '50.6'],
  ])('what a coupon takes off the invoice it takes off the fees: %s', (_what, share, shares) => {
    const error = brokenBy(withFee({ preciseCouponsAmountCents: new Decimal(share) }));
    expect(error.invariant).toBe('what was taken off the fees of an invoice was taken off the invoice');
    expect(error.values['shares']).toBe(shares);
  });

  const [NOTE] = INVOICE.noteUses;
  const noteUse = (change: Partial<NonNullable<typeof NOTE>>) => [{ ...NOTE!, ...change }];

  test.each([
    ['pays more than the invoice says', noteUse({ amountCents: 41n }), '41'],
    ['pays less', noteUse({ amountCents: 39n }), '39'],
    ['is missing', [], '0'],
    ['pays the same twice', [...INVOICE.noteUses, ...INVOICE.noteUses], '80'],
  ])('a credit note %s', (_how, noteUses, credits) => {
    const error = brokenBy({ noteUses });
    expect(error.invariant).toBe('what credit notes paid of an invoice is its credits');
    expect(error.values).toEqual({ creditNotesAmountCents: '40', credits });
  });

  test('a credit note pays no more than it has', () => {
    const error = brokenBy({ noteUses: noteUse({ balanceAfterCents: -1n }) });
    expect(error.values).toEqual({ 'noteUses.balanceAfterCents': '-1' });
  });

  test.each([['23.33'], ['23.34']])('a fee is paid in proportion to what it costs, not %s', (share) => {
    const error = brokenBy(withFee({ preciseCreditNotesAmountCents: new Decimal(share) }));
    expect(error.invariant).toBe('what credit notes paid of an invoice was paid of its fees');
  });

  test.each([
    ['105.00001', 'fees[1]: what it costs without its credit notes', '-0.00001'],
    ['-0.00001', 'fees[1].preciseCreditNotesAmountCents', '-0.00001'],
  ])('of a fee of 105 with taxes and coupons, notes do not pay %s', (share, name, value) => {
    const error = brokenBy(withFee({ preciseCreditNotesAmountCents: new Decimal(share) }));
    expect(error.values).toEqual({ [name]: value });
  });

  test('what is owed is not paid, and nothing is not owed', () => {
    expect(brokenBy({ paymentStatus: 'succeeded' }).values).toEqual({
      paymentStatus: 'succeeded',
      totalAmountCents: '80',
    });
    expect(brokenBy({ prepaidCreditAmountCents: 140n, totalAmountCents: 0n }).values['paymentStatus']).toBe('pending');
  });
});
