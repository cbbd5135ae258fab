import { isWithinJsonRange } from '../money/cents.ts';
import { Decimal, ZERO } from '../money/decimal.ts';
import { initialPaymentStatus } from './invoice-status.ts';
import type { FeeAdjustments, FeeAmounts } from '../fees/fee.ts';
import type { CalculatedInvoice } from './invoice.ts';
import { invoiceTotals } from './totals.ts';

/** An invoice that contradicts itself. It must not be saved; trying again does not help. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
  readonly invariant: string;
  /** What was compared, as text. */
  readonly values: Readonly<Record<string, string>>;

  constructor(invariant: string, values: Readonly<Record<string, string>>) {
    const named = Object.entries(values).map(([name, value]) => `${name} = ${value}`);
    super(`${invariant}: ${named.join(', ')}`);
    this.invariant = invariant;
    this.values = values;
  }
}

type InvoiceNumbers = Omit<CalculatedInvoice, 'fees' | 'subscriptions' | 'effects'> & {
  readonly fees: readonly FeeNumbers[];
};

type FeeNumbers = FeeAmounts & FeeAdjustments;

const HALF = new Decimal('0.5');

const AMOUNTS = [
  'feesAmountCents',
  'progressiveBillingCreditAmountCents',
  'couponsAmountCents',
  'subTotalExcludingTaxesAmountCents',
  'taxesAmountCents',
  'subTotalIncludingTaxesAmountCents',
  'creditNotesAmountCents',
  'prepaidCreditAmountCents',
  'totalAmountCents',
] as const;

/**
 * Checks what must hold for every invoice before it is saved: it adds up (spec, subscriptions-and-invoices 6.7),
 * nothing is negative, each fee's cents are its rounded precise amount, and all of it fits into JSON numbers. Throws
 * InvariantBroken.
 */
export function assertInvoice(invoice: InvoiceNumbers): void {
  for (const [at, fee] of invoice.fees.entries()) assertFee(fee, `fees[${at}]`);
  const expected = invoiceTotals(invoice.fees, invoice);
  for (const name of AMOUNTS) {
    assertCents(invoice[name], name);
    if (invoice[name] !== expected[name]) {
      throw new InvariantBroken('an invoice adds up', { [name]: `${invoice[name]}`, expected: `${expected[name]}` });
    }
  }
  assertCoupons(invoice);
  assertCreditNotes(invoice);
  assertTaxes(invoice);
  const { paymentStatus, totalAmountCents } = invoice;
  if (paymentStatus !== initialPaymentStatus(totalAmountCents)) {
    throw new InvariantBroken('only an invoice of 0 is paid when it is made', {
      paymentStatus,
      totalAmountCents: `${totalAmountCents}`,
    });
  }
}

/** A share of a fee is kept with five digits: so much can each be off. */
const SHARE = new Decimal('0.00001');

/**
 * What coupons took off an invoice is what its fees say of it (spec, money 2.6): a share is rounded at five digits, and
 * a credit that was taken from a fraction at a cent. Progressive credits are on some of the fees as well, capped (2.8).
 */
function assertCoupons(invoice: InvoiceNumbers): void {
  const { fees, couponUses, couponsAmountCents, progressiveBillingCreditAmountCents } = invoice;
  const credits = couponUses.reduce((sum, { creditAmountCents }) => sum + creditAmountCents, 0n);
  for (const { creditAmountCents } of couponUses) assertCents(creditAmountCents, 'couponUses.creditAmountCents');
  if (credits !== couponsAmountCents) {
    throw new InvariantBroken('the coupons of an invoice are its credits', {
      couponsAmountCents: `${couponsAmountCents}`,
      credits: `${credits}`,
    });
  }
  const shares = fees.reduce((sum, fee) => sum.plus(fee.preciseCouponsAmountCents), ZERO);
  const tolerance = HALF.plus(SHARE.times(fees.length)).times(couponUses.length);
  const least = new Decimal(couponsAmountCents).minus(tolerance);
  const most = new Decimal(couponsAmountCents + progressiveBillingCreditAmountCents).plus(tolerance);
  if (shares.lt(least) || shares.gt(most)) {
    throw new InvariantBroken('what was taken off the fees of an invoice was taken off the invoice', {
      shares: shares.toFixed(),
      couponsAmountCents: `${couponsAmountCents}`,
      progressiveBillingCreditAmountCents: `${progressiveBillingCreditAmountCents}`,
    });
  }
}

/**
 * What credit notes paid of an invoice is what its fees say of it, no fee more than it costs (spec, money 3.8): they
 * are spread over the fees with their own rounded taxes, which are not quite those of the invoice.
 */
function assertCreditNotes(invoice: InvoiceNumbers): void {
  const { fees, noteUses, creditNotesAmountCents, totalAmountCents } = invoice;
  for (const { amountCents, balanceAfterCents } of noteUses) {
    assertCents(amountCents, 'noteUses.amountCents');
    assertCents(balanceAfterCents, 'noteUses.balanceAfterCents');
  }
  const credits = noteUses.reduce((sum, { amountCents }) => sum + amountCents, 0n);
  if (credits !== creditNotesAmountCents) {
    throw new InvariantBroken('what credit notes paid of an invoice is its credits', {
      creditNotesAmountCents: `${creditNotesAmountCents}`,
      credits: `${credits}`,
    });
  }
  const shares = fees.reduce((sum, fee) => sum.plus(fee.preciseCreditNotesAmountCents), ZERO);
  const costs = fees.reduce((sum, fee) => sum.plus(costOf(fee)), ZERO);
  // All that is left to pay is spread as all that the fees cost.
  const whole = new Decimal(creditNotesAmountCents + totalAmountCents + invoice.prepaidCreditAmountCents);
  const expected = whole.isZero() ? ZERO : costs.times(creditNotesAmountCents.toString()).div(whole);
  if (shares.minus(expected).abs().gt(SHARE.times(fees.length).times(noteUses.length))) {
    throw new InvariantBroken('what credit notes paid of an invoice was paid of its fees', {
      shares: shares.toFixed(),
      expected: expected.toFixed(),
    });
  }
}

/** What is to be paid of a fee, in cents. */
const costOf = ({ amountCents, taxesAmountCents, preciseCouponsAmountCents }: FeeNumbers): Decimal =>
  new Decimal(amountCents + taxesAmountCents).minus(preciseCouponsAmountCents);

/**
 * Each fee's taxes are rounded by themselves, the invoice's once (spec, money 1.4, 1.5): half a cent for each, and half
 * a cent.
 */
function assertTaxes({ fees, taxesAmountCents, taxStatus }: InvoiceNumbers): void {
  const feeTaxes = fees.reduce((sum, fee) => sum + fee.taxesAmountCents, 0n);
  const difference = feeTaxes > taxesAmountCents ? feeTaxes - taxesAmountCents : taxesAmountCents - feeTaxes;
  if (2n * difference > BigInt(fees.length + 1) || (taxStatus === 'pending' && taxesAmountCents !== 0n)) {
    throw new InvariantBroken('the taxes of an invoice are those of its fees', {
      taxesAmountCents: `${taxesAmountCents}`,
      feeTaxes: `${feeTaxes}`,
      taxStatus,
    });
  }
}

function assertFee(fee: FeeNumbers, name: string): void {
  assertCents(fee.amountCents, `${name}.amountCents`);
  assertCents(fee.unitAmountCents, `${name}.unitAmountCents`);
  assertNotNegative(fee.units, `${name}.units`);
  assertCents(fee.taxesAmountCents, `${name}.taxesAmountCents`);
  assertNotNegative(fee.preciseCouponsAmountCents, `${name}.preciseCouponsAmountCents`);
  assertNotNegative(
    new Decimal(fee.amountCents).minus(fee.preciseCouponsAmountCents),
    `${name}.amountCents without its coupons`,
  );
  assertNotNegative(fee.preciseCreditNotesAmountCents, `${name}.preciseCreditNotesAmountCents`);
  assertNotNegative(
    costOf(fee).minus(fee.preciseCreditNotesAmountCents),
    `${name}: what it costs without its credit notes`,
  );
  assertNotNegative(fee.preciseAmountCents, `${name}.preciseAmountCents`);
  assertNotNegative(fee.preciseUnitAmount, `${name}.preciseUnitAmount`);
  // Exactly half a cent off may be either way: the stored 15 digits can have been rounded up to the half.
  if (fee.preciseAmountCents.minus(fee.amountCents).abs().gt(HALF)) {
    throw new InvariantBroken('the cents of a fee are its precise amount, rounded', {
      [`${name}.amountCents`]: `${fee.amountCents}`,
      [`${name}.preciseAmountCents`]: fee.preciseAmountCents.toFixed(),
    });
  }
}

function assertCents(cents: bigint, name: string): void {
  if (cents < 0n) throw new InvariantBroken('nothing on an invoice is negative', { [name]: `${cents}` });
  if (!isWithinJsonRange(cents)) throw new InvariantBroken('cents stay within 2^53 - 1', { [name]: `${cents}` });
}

function assertNotNegative(value: Decimal, name: string): void {
  if (value.gte(0)) return;
  throw new InvariantBroken('nothing on an invoice is negative', { [name]: value.toFixed() });
}
