import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { giveBackNote } from '../../../billing/credit-notes/give-back-note.ts';
import { paidWithNotes } from '../../../billing/credit-notes/pay-with-notes.ts';
import { notesFor, useNotes, type OpenNote } from '../../../billing/credit-notes/use-notes.ts';
import { NO_CREDITS } from '../../../billing/invoices/totals.ts';
import { Decimal, ZERO } from '../../../billing/money/decimal.ts';
import { withTaxes } from '../../../billing/taxes/apply-taxes.ts';
import { taxesOfFee } from '../../../billing/taxes/fee-taxes.ts';
import { exampleTax } from '../taxes/example-taxes.ts';

const note = (id: string, balanceCents: bigint, change: Partial<OpenNote> = {}): OpenNote => ({
  id,
  invoiceId: 'credited',
  currency: 'EUR',
  balanceCents,
  ...change,
});

const fee = (amountCents: bigint, taxesAmountCents: bigint, coupons = ZERO) => ({
  amountCents,
  taxesAmountCents,
  preciseCouponsAmountCents: coupons,
});

const FEES = [fee(500n, 100n), fee(400n, 0n)];

describe('notes pay an invoice', () => {
  test('in their order, each fee its part, until nothing is left to pay', () => {
    const notes = [note('old', 600n), note('new', 700n), note('newest', 5n)];
    const used = useNotes(notes, 1000n, FEES);
    expect(used.uses).toEqual([
      { creditNoteId: 'old', amountCents: 600n, balanceAfterCents: 0n },
      { creditNoteId: 'new', amountCents: 400n, balanceAfterCents: 300n },
    ]);
    expect(used.creditNotesAmountCents).toBe(1000n);
    expect(used.preciseByFee.map(String)).toEqual(['600', '400']);
  });

  test('a part of it: the shares have five digits, and the next note starts from them', () => {
    const { uses, preciseByFee } = useNotes([note('a', 100n), note('b', 100n)], 1000n, [
      ...FEES,
      fee(33n, 7n, new Decimal(40)),
    ]);
    expect(uses.map(({ amountCents }) => amountCents)).toEqual([100n, 100n]);
    // 600 x 100 / 1000, then (600 - 60) x 100 / 900; nothing of what costs nothing.
    expect(preciseByFee.map(String)).toEqual(['120', '80', '0']);
    expect(useNotes([note('a', 100n)], 900n, FEES).preciseByFee.map(String)).toEqual(['66.66667', '44.44444']);
  });

  test.each([
    ['nothing is to be paid', [note('a', 100n)], 0n],
    ['nothing is left on any', [note('a', 0n)], 1000n],
    ['there are none', [], 1000n],
  ])('none is used where %s', (_why, notes, total) => {
    expect(useNotes(notes, total, FEES)).toEqual({
      uses: [],
      creditNotesAmountCents: 0n,
      preciseByFee: [ZERO, ZERO],
    });
  });

  test('of other invoices and of its currency only', () => {
    const notes = [
      note('a', 1n),
      note('own', 1n, { invoiceId: 'paid' }),
      note('dollars', 1n, { currency: 'USD' }),
      note('b', 1n),
    ];
    expect(notesFor(notes, { invoiceId: 'paid', currency: 'EUR' }).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('not a cent is lost or made, whatever the fees and notes', () => {
    const cents = fc.bigInt({ min: 0n, max: 100_000n });
    const oneFee = fc.record({ amount: cents, rate: fc.constantFrom('0', '20', '5.5', '19.975') });
    fc.assert(
      fc.property(fc.array(oneFee, { minLength: 1, maxLength: 6 }), fc.array(cents, { maxLength: 5 }), (made, open) => {
        const untaxed = made.map(({ amount, rate }) => ({
          amountCents: amount,
          preciseAmountCents: new Decimal(amount),
          preciseCouponsAmountCents: ZERO,
          rate,
        }));
        const fees = untaxed.map(({ rate, ...one }) => ({
          ...one,
          ...taxesOfFee(one, [exampleTax(`vat ${rate}`, rate)]),
        }));
        const { credits } = withTaxes(fees, NO_CREDITS);
        const total = fees.reduce((sum, { amountCents }) => sum + amountCents, credits.taxesAmountCents);
        const paid = paidWithNotes(
          { fees, credits },
          open.map((balance, index) => note(`n${index}`, balance)),
        );
        const had = open.reduce((sum, balance) => sum + balance, 0n);
        const used = paid.credits.creditNotesAmountCents;
        expect(used).toBe(had < total ? had : total);
        expect(paid.noteUses.reduce((sum, { amountCents }) => sum + amountCents, 0n)).toBe(used);
        for (const { creditNoteId, amountCents, balanceAfterCents } of paid.noteUses) {
          expect(amountCents + balanceAfterCents).toBe(open[Number(creditNoteId.slice(1))]);
        }
        for (const { amountCents, taxesAmountCents, preciseCreditNotesAmountCents: share } of paid.fees) {
          expect(share.gte(0) && share.lte((amountCents + taxesAmountCents).toString())).toBe(true);
        }
        // Fees are taxed by themselves, so all of them cost the invoice up to half a cent each.
        const shares = paid.fees.reduce((sum, one) => sum.plus(one.preciseCreditNotesAmountCents), ZERO);
        expect(
          shares
            .minus(used.toString())
            .abs()
            .lte((fees.length + 1) / 2),
        ).toBe(true);
      }),
    );
  });
});

test.each([
  ['a consumed one is available again', { balanceCents: 0n, creditStatus: 'consumed' }, 1200n],
  ['an open one has more', { balanceCents: 300n, creditStatus: 'available' }, 1500n],
] as const)('a note gets back what paid an invoice that is given up: %s', (_what, before, balanceCents) => {
  expect(giveBackNote(before, 1200n)).toEqual({ balanceCents, creditStatus: 'available' });
});

test('a voided note gets nothing back', () => {
  expect(giveBackNote({ balanceCents: 0n, creditStatus: 'voided' }, 1200n)).toBeNull();
});
