import { expect, test } from '@jest/globals';
import { drawNote, type NoteParts } from '../../../billing/credit-notes/draw-note.ts';
import { assertNote } from '../../../billing/credit-notes/note-invariants.ts';
import { terminationNote } from '../../../billing/credit-notes/termination-note.ts';
import { Decimal } from '../../../billing/money/decimal.ts';
import { exampleInvoice } from './credited-invoice-example.ts';

const item = (cents: string) => ({ feeId: 'fee 0', amountCents: new Decimal(cents) });
const part = (parts: object) => ({ creditCents: 0n, refundCents: 0n, offsetCents: 0n, ...parts });
const partsOf = ({ creditCents, refundCents, offsetCents }: NoteParts) => [creditCents, refundCents, offsetCents];
const paid = (cents: bigint) => ({
  ...exampleInvoice([{ cents: 3100, rates: [20] }]),
  totalAmountCents: 3720n,
  totalPaidAmountCents: cents,
});
const unused = { feeId: 'fee 0', dayPriceCents: new Decimal(100), unusedDays: 16, usedDays: 15 };

// Spec, money 3.6, 3.9: nobody gets back more than was paid, nothing is taken off that is not due.
test('the end of a subscription offsets what is due at most, and credits the rest', () => {
  const settled = { ...paid(0n), totalAmountCents: 0n };
  expect(partsOf(terminationNote(settled, { ...unused, option: 'offset' })!)).toEqual([1920n, 0n, 0n]);
  expect(partsOf(terminationNote(paid(2790n), { ...unused, option: 'offset' })!)).toEqual([0n, 990n, 930n]);
});

test('the end of a subscription refunds what was paid and not yet given back', () => {
  const refunded = {
    creditCents: 0n,
    refundCents: 2700n,
    offsetCents: 0n,
    taxesCents: 0n,
    preciseTaxesCents: new Decimal(0),
    subTotalCents: 0n,
  };
  const note = terminationNote({ ...paid(2790n), notes: [refunded] }, { ...unused, option: 'refund' })!;
  expect(partsOf(note)).toEqual([1830n, 90n, 0n]);
});

test('a cent by which a request misses its items is no refund of what nobody paid', () => {
  const invoice = { ...paid(1199n), totalAmountCents: 3720n };
  const note = drawNote(invoice, [item('1000')], part({ refundCents: 1199n }));
  expect(partsOf(note)).toEqual([1n, 1199n, 0n]);
  expect(() => assertNote(invoice, note)).not.toThrow();
  expect(() => assertNote(invoice, { ...note, creditCents: 0n, refundCents: 1200n })).toThrow('refunds what was paid');
});

test('a credit is possible where more was refunded than paid', () => {
  const refunded = {
    ...part({ refundCents: 101n }),
    taxesCents: 0n,
    preciseTaxesCents: new Decimal(0),
    subTotalCents: 0n,
  };
  const note = drawNote({ ...paid(100n), notes: [refunded] }, [item('1000')], part({ creditCents: 1200n }));
  expect(partsOf(note)).toEqual([1200n, 0n, 0n]);
});

test('many fractions of a cent are not more than their fee', () => {
  const invoice = exampleInvoice([{ cents: 1, rates: [] }]);
  const asked = Array.from({ length: 3 }, () => item('0.4'));
  expect(() => drawNote(invoice, asked, part({ creditCents: 1n }))).toThrow();
  expect(drawNote(invoice, asked.slice(1), part({ creditCents: 1n })).totalCents).toBe(1n);
});
