import { isWithinJsonRange } from '../money/cents.ts';
import { Decimal } from '../money/decimal.ts';
import { initialPaymentStatus } from './invoice-status.ts';
import type { FeeAmounts } from '../fees/fee.ts';
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
  readonly fees: readonly FeeAmounts[];
};

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
  const { paymentStatus, totalAmountCents } = invoice;
  if (paymentStatus !== initialPaymentStatus(totalAmountCents)) {
    throw new InvariantBroken('only an invoice of 0 is paid when it is made', {
      paymentStatus,
      totalAmountCents: `${totalAmountCents}`,
    });
  }
}

function assertFee(fee: FeeAmounts, name: string): void {
  assertCents(fee.amountCents, `${name}.amountCents`);
  assertCents(fee.unitAmountCents, `${name}.unitAmountCents`);
  assertNotNegative(fee.units, `${name}.units`);
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
