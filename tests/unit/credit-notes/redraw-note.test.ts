import { expect, test } from '@jest/globals';
import { drawNote } from '../../../billing/credit-notes/draw-note.ts';
import { assertNote } from '../../../billing/credit-notes/note-invariants.ts';
import { redrawNote } from '../../../billing/credit-notes/redraw-note.ts';
import { Decimal } from '../../../billing/money/decimal.ts';
import { afterNote, exampleInvoice } from './credited-invoice-example.ts';

const uprooted = (cents: number, of: bigint) => [
  { feeId: 'fee 0', preciseAmountCents: new Decimal(cents), feeAmountCents: of },
];

test.each([
  ['half of the fee is left', 1550, { creditCents: 1920n }, 'item 800, 960 + 0 + 0'],
  ['the fee is what it was', 3100, { creditCents: 1920n }, 'item 1600, 1920 + 0 + 0'],
  [
    'a third, in three parts',
    1033,
    { creditCents: 640n, refundCents: 640n, offsetCents: 640n },
    'item 533, 214 + 213 + 213',
  ],
  ['an offset stays one', 1550, { offsetCents: 1920n }, 'item 800, 0 + 0 + 960'],
])('%s', (_, cents, parts, expected) => {
  const invoice = exampleInvoice([{ cents, rates: [20] }], { paid: 640 });
  const all = { creditCents: 0n, refundCents: 0n, offsetCents: 0n, ...parts };
  const note = redrawNote(invoice, all, uprooted(1600, 3100n))!;
  const { items, creditCents, refundCents, offsetCents } = note;
  expect(`item ${items[0]?.amountCents}, ${creditCents} + ${refundCents} + ${offsetCents}`).toBe(expected);
  expect(() => assertNote(invoice, note)).not.toThrow();
});

test('nothing is left where the fee is gone, free or credited', () => {
  const parts = { creditCents: 1920n, refundCents: 0n, offsetCents: 0n };
  const free = exampleInvoice([{ cents: 0, rates: [20] }]);
  expect(redrawNote(free, parts, uprooted(1600, 3100n))).toBeNull();
  const invoice = exampleInvoice([{ cents: 100, rates: [20] }]);
  const gone = [{ feeId: null, preciseAmountCents: new Decimal(1600), feeAmountCents: 3100n }];
  expect(redrawNote(invoice, parts, gone)).toBeNull();
});

test('a note that does not add up, or takes more than there is, is not saved', () => {
  const invoice = exampleInvoice([{ cents: 6833, rates: [20] }]);
  const asked = [{ feeId: 'fee 0', amountCents: new Decimal(6833) }];
  const note = drawNote(invoice, asked, { creditCents: 8200n, refundCents: 0n, offsetCents: 0n });
  expect(() => assertNote(invoice, note)).not.toThrow();
  expect(() => assertNote(invoice, { ...note, creditCents: 8199n })).toThrow('a credit note adds up');
  expect(() => assertNote(invoice, { ...note, refundCents: -1n, creditCents: 8201n })).toThrow('not negative');
  expect(() => assertNote(afterNote(invoice, note), note)).toThrow('a fee gives back what it has left');
  const more = { ...note, items: [], subTotalCents: 6834n, totalCents: 8201n, creditCents: 8201n };
  expect(() => assertNote(invoice, more)).toThrow('never more than the invoice');
});

test('two items of one fee never take more than the fee has now', () => {
  const invoice = exampleInvoice([{ cents: 5, rates: [] }]);
  const parts = { creditCents: 10n, refundCents: 0n, offsetCents: 0n };
  const note = redrawNote(invoice, parts, [...uprooted(5, 10n), ...uprooted(5, 10n)])!;
  expect(note.items.map(({ amountCents }) => amountCents)).toEqual([3n, 2n]);
  expect(() => assertNote(invoice, note)).not.toThrow();
});

test('what is not due any more is credited in place of an offset', () => {
  const invoice = { ...exampleInvoice([{ cents: 3100, rates: [20] }]), totalAmountCents: 1000n };
  const note = redrawNote(invoice, { creditCents: 0n, refundCents: 0n, offsetCents: 1920n }, uprooted(1600, 3100n))!;
  expect([note.creditCents, note.refundCents, note.offsetCents]).toEqual([920n, 0n, 1000n]);
});
