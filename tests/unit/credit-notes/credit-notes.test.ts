import { expect, test } from '@jest/globals';
import type { CreditedInvoice } from '../../../billing/credit-notes/credited-invoice.ts';
import { drawNote, estimateNote, type NoteParts } from '../../../billing/credit-notes/draw-note.ts';
import { invoiceAmounts } from '../../../billing/credit-notes/invoice-amounts.ts';
import { terminationNote } from '../../../billing/credit-notes/termination-note.ts';
import { amountToCents, amountToPreciseCents } from '../../../billing/money/cents.ts';
import type { Currency } from '../../../billing/money/currency.ts';
import { Decimal } from '../../../billing/money/decimal.ts';
import { Refusal } from '../../../billing/refusal.ts';
import type { Tax } from '../../../billing/taxes/tax.ts';
import { afterNote, exampleInvoice } from './credited-invoice-example.ts';

const NOTHING: NoteParts = { creditCents: 0n, refundCents: 0n, offsetCents: 0n };
const item = (fee: number, cents: number | string) => ({ feeId: `fee ${fee}`, amountCents: new Decimal(cents) });
const credit = (cents: bigint): NoteParts => ({ ...NOTHING, creditCents: cents });

const reasonOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
};

/** Credits one item after the other, as much as the estimate says. */
function creditAll(invoice: CreditedInvoice, items: readonly (readonly [fee: number, cents: number])[]) {
  let now = invoice;
  const totals: string[] = [];
  for (const [fee, cents] of items) {
    const { maxCreditableCents } = estimateNote(now, [item(fee, cents)]);
    const note = drawNote(now, [item(fee, cents)], credit(maxCreditableCents));
    totals.push(`${note.totalCents}: ${note.taxesCents} (${note.preciseTaxesCents.toString()})`);
    now = afterNote(now, note);
  }
  return { totals, invoice: now };
}

test.each([
  [
    'two equal fees',
    exampleInvoice([
      { cents: 6833, rates: [20] },
      { cents: 6833, rates: [20] },
    ]),
    [
      [0, 6833],
      [1, 6833],
    ],
    ['8200: 1367 (1366.6)', '8199: 1366 (1366.2)'],
  ],
  [
    'four equal fees, the last in three parts',
    exampleInvoice([0, 1, 2, 3].map(() => ({ cents: 6833, rates: [20] }))),
    [
      [0, 6833],
      [1, 6833],
      [2, 6833],
      [3, 1367],
      [3, 2233],
      [3, 3233],
    ],
    [
      '8200: 1367 (1366.6)',
      '8200: 1367 (1366.6)',
      '8200: 1367 (1366.6)',
      '1640: 273 (273.4)',
      '2680: 447 (446.6)',
      '3878: 645 (645.4)',
    ],
  ],
] as const)('notes of %s round their taxes alone, and the last takes what is left', (_, invoice, items, expected) => {
  const credited = creditAll(invoice, items);
  expect(credited.totals).toEqual(expected);
  expect(credited.invoice.notes.reduce((sum, note) => sum + note.creditCents, 0n)).toBe(invoice.totalAmountCents);
  expect(invoiceAmounts(credited.invoice).creditableCents).toBe(0n);
});

test('after the first of two equal fees 8200 seem creditable where 8199 are', () => {
  const { invoice } = creditAll(
    exampleInvoice([
      { cents: 6833, rates: [20] },
      { cents: 6833, rates: [20] },
    ]),
    [[0, 6833]],
  );
  expect(invoiceAmounts(invoice).creditableCents).toBe(8200n);
});

test('a request one cent off is moved to its items', () => {
  const invoice = exampleInvoice([{ cents: 76900, rates: [20] }]);
  const note = drawNote(invoice, [item(0, 72686)], credit(87224n));
  expect(note).toMatchObject({ taxesCents: 14537n, totalCents: 87223n, creditCents: 87223n });
});

test("a coupon's share comes off", () => {
  const invoice = exampleInvoice(
    [
      { cents: 17900, rates: [10] },
      { cents: 39900, coupons: '25000', rates: [10, '10.0'] },
    ],
    { coupons: 25000, paid: 1200 },
  );
  expect(invoice.totalAmountCents).toBe(37570n);
  expect(estimateNote(invoice, [item(1, 26260)])).toMatchObject({
    couponsAdjustmentCents: 16454n,
    subTotalCents: 9806n,
    taxesCents: 1961n,
    maxCreditableCents: 11767n,
    maxRefundableCents: 1200n,
    taxesRate: new Decimal(20),
  });
  const all = estimateNote(invoice, [item(0, 17900), item(1, 39900)]);
  expect(all).toMatchObject({ subTotalCents: 32800n, maxCreditableCents: 37570n, couponsAdjustmentCents: 25000n });
  expect(all.taxesRate.toString()).toBe('14.54268');
});

test('five items of 100 under two coupons of 1000', () => {
  const coupons = ['479.91802', '1448.93772', '15.12884', '31.2244', '15.12884', '9.66216'];
  const fees = [99290, 299770, 3130, 6460, 3130, 1999].map((cents, at) => ({
    cents,
    coupons: coupons[at]!,
    rates: [10],
  }));
  const invoice = exampleInvoice(fees, { coupons: 2000 });
  expect(invoice).toMatchObject({ taxesAmountCents: 41178n, totalAmountCents: 452957n });
  const estimate = estimateNote(
    invoice,
    [0, 1, 2, 3, 4].map((fee) => item(fee, 100)),
  );
  expect(estimate).toMatchObject({
    couponsAdjustmentCents: 2n,
    subTotalCents: 498n,
    taxesCents: 49n,
    maxCreditableCents: 547n,
  });
});

test.each([
  [20000, 25, '666.666666666666666667', 29, { subTotalCents: 19333n, taxesCents: 4833n, creditCents: 24166n }],
  [16000, 25, '533.333333333333333333', 29, { taxesCents: 3867n, creditCents: 19334n }],
  [2999, '23.33', '428.428571428571428571', 6, { taxesCents: 600n, creditCents: 3171n }],
])('a termination credits %i at %s %%: its days without that of its end', (cents, rate, day, unusedDays, expected) => {
  const note = terminationNote(exampleInvoice([{ cents, rates: [rate] }]), {
    feeId: 'fee 0',
    dayPriceCents: new Decimal(day),
    unusedDays,
    usedDays: 1,
    option: 'credit',
  });
  expect(note).toMatchObject(expected);
});

const october = { feeId: 'fee 0', dayPriceCents: new Decimal(100), unusedDays: 16, usedDays: 15 } as const;
const one = { cents: 3100, rates: [20] };

test.each([
  ['credit', 'refund', exampleInvoice([one], { paid: 0 }), 0n, 1920n],
  ['all paid', 'refund', exampleInvoice([one], { paid: 3720 }), 1920n, 0n],
  ['half of it paid with another', 'refund', exampleInvoice([one, one], { paid: 5580 }), 990n, 930n],
  ['too little paid', 'refund', exampleInvoice([one], { paid: 465 }), 0n, 1920n],
] as const)('a termination refunds what was paid and not used: %s', (_, option, invoice, refundCents, creditCents) => {
  expect(terminationNote(invoice, { ...october, option })).toMatchObject({ refundCents, creditCents });
  const offset = terminationNote(invoice, { ...october, option: 'offset' });
  expect(offset).toMatchObject({ refundCents, creditCents: 0n, offsetCents: creditCents });
});

const credited200 = (invoice: CreditedInvoice): CreditedInvoice => ({
  ...invoice,
  fees: invoice.fees.map((fee, at) => (at === 0 ? { ...fee, creditedCents: 200n } : fee)),
});

test.each([
  ['a note of 200', exampleInvoice([one, one], { paid: 5580 }), 1680n, 990n, 690n],
  [
    'that note and a coupon of 500',
    exampleInvoice([{ ...one, coupons: '500' }, one], { coupons: 500, paid: 5580 }),
    1409n,
    1035n,
    374n,
  ],
])('a termination after %s', (_, invoice, totalCents, refundCents, creditCents) => {
  const note = terminationNote(credited200(invoice), { ...october, option: 'refund' });
  expect(note).toMatchObject({ totalCents, refundCents, creditCents });
});

test('a termination of a fee that is credited, free or voided has no note', () => {
  const invoice = exampleInvoice([one]);
  const all = { ...invoice, fees: invoice.fees.map((fee) => ({ ...fee, creditedCents: 1600n })) };
  expect(terminationNote(all, { ...october, option: 'credit' })).toBeNull();
  expect(terminationNote({ ...invoice, status: 'voided' }, { ...october, option: 'credit' })).toBeNull();
  expect(terminationNote(exampleInvoice([{ cents: 0 }]), { ...october, option: 'credit' })).toBeNull();
});

const hundred = exampleInvoice([{ cents: 100 }]);

test.each([
  ['another fee', item(7, 1), { kind: 'not_found', resource: 'fee' }],
  ['less than 0', item(0, -3), { kind: 'validation', details: { amount_cents: ['invalid_value'] } }],
  [
    'more than is left',
    item(0, 101),
    { kind: 'validation', details: { amount_cents: ['higher_than_remaining_fee_amount'] } },
  ],
])('an item of %s is refused', (_, asked, reason) => {
  expect(reasonOf(() => drawNote(hundred, [asked], credit(1n)))).toEqual(reason);
});

test('an item of 0 is accepted beside another, and two of a fee count together', () => {
  expect(drawNote(hundred, [item(0, 0), item(0, 100)], credit(100n)).totalCents).toBe(100n);
  expect(reasonOf(() => drawNote(hundred, [item(0, 60), item(0, 60)], credit(120n)))).toMatchObject({
    details: { amount_cents: ['higher_than_remaining_fee_amount'] },
  });
});

test.each([
  [
    'parts that are not the items',
    hundred,
    { ...NOTHING, creditCents: 50n },
    { base: ['does_not_match_item_amounts'] },
  ],
  [
    'a refund of what is unpaid',
    hundred,
    { ...NOTHING, refundCents: 100n },
    { refund_amount_cents: ['cannot_refund_unpaid_invoice', 'higher_than_remaining_invoice_amount'] },
  ],
  [
    'a refund of more than was paid',
    exampleInvoice([{ cents: 100 }], { paid: 40 }),
    { ...NOTHING, refundCents: 100n },
    { refund_amount_cents: ['higher_than_remaining_invoice_amount'] },
  ],
  [
    'an offset of more than is due',
    exampleInvoice([{ cents: 100 }], { paid: 40 }),
    { ...NOTHING, offsetCents: 100n },
    { offset_amount_cents: ['higher_than_remaining_invoice_amount'] },
  ],
  [
    'a credit of more than there is',
    hundred,
    { ...NOTHING, creditCents: 200n },
    {
      credit_amount_cents: ['higher_than_remaining_invoice_amount'],
      base: ['does_not_match_item_amounts', 'higher_than_remaining_invoice_amount'],
    },
  ],
] as const)('%s: refused', (_, invoice, parts, details) => {
  expect(reasonOf(() => drawNote(invoice, [item(0, 100)], parts))).toEqual({ kind: 'validation', details });
});

test('a note of nothing is refused', () => {
  const reason = reasonOf(() => drawNote(hundred, [item(0, 0)], NOTHING));
  expect(reason).toEqual({ kind: 'validation', details: { base: ['total_amount_must_be_positive'] } });
});

/** Whole numbers below a bound, the same for the same seed (mulberry32). */
function seeded(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

/** An invoice of prices with three decimals, in cents of its currency, with a coupon spread as billing does. */
function randomInvoice(currency: Currency, below: (bound: number) => number): CreditedInvoice {
  const prices = Array.from({ length: 1 + below(5) }, () => new Decimal(1000 + below(300_000)).div(1000));
  const cents = prices.map((price) => Number(amountToCents(price, currency)));
  const whole = cents.reduce((sum, amount) => sum + amount, 0);
  const coupons = below(2) === 0 ? 0 : below(whole);
  return exampleInvoice(
    cents.map((amount, index) => ({
      cents: amount,
      precise: amountToPreciseCents(prices[index]!, currency),
      coupons: new Decimal(coupons).times(amount).div(whole).toDecimalPlaces(5).toFixed(),
      rates: [[], [20], [10], ['5.5'], [20, '9.975']][below(5)]!,
    })),
    { coupons },
  );
}

/** All that is left of the fees. */
const everything = ({ fees }: CreditedInvoice) =>
  fees.map((fee, at) => item(at, (fee.amountCents - fee.creditedCents).toString()));

/** Part of what is left of a fee. */
function somePart({ fees }: CreditedInvoice, below: (bound: number) => number) {
  const open = fees.flatMap((fee, at) => (fee.amountCents > fee.creditedCents ? [at] : []));
  const at = open[below(open.length)]!;
  return [item(at, 1 + below(Number(fees[at]!.amountCents - fees[at]!.creditedCents)))];
}

/** Whether notes that are rounded each by itself would miss the invoice: one of each fee. */
const roundsAway = (invoice: CreditedInvoice): boolean =>
  invoice.fees.reduce(
    (sum, { amountCents }, at) => sum + estimateNote(invoice, [item(at, Number(amountCents))]).maxCreditableCents,
    0n,
  ) !== invoice.totalAmountCents;

test.each([
  ['JPY', 12n],
  ['EUR', 1235n],
  ['KWD', 12_345n],
] as const)('400 invoices in %s credited in random parts: the notes are the invoice to the cent', (currency, cents) => {
  expect(amountToCents(new Decimal('12.345'), currency)).toBe(cents);
  let roundedAway = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const below = seeded(seed);
    const invoice = randomInvoice(currency, below);
    if (roundsAway(invoice)) roundedAway++;
    let now = invoice;
    const notesByParts = below(12);
    for (let made = 0; made < notesByParts && now.fees.some((fee) => fee.amountCents > fee.creditedCents); made++) {
      const asked = somePart(now, below);
      const { maxCreditableCents } = estimateNote(now, asked);
      const wrong = maxCreditableCents === 0n ? 0n : maxCreditableCents + 3n;
      const refused = maxCreditableCents === 0n ? 'total_amount_must_be_positive' : 'does_not_match_item_amounts';
      expect(() => drawNote(now, asked, credit(wrong))).toThrow(refused);
      if (maxCreditableCents > 0n) now = afterNote(now, drawNote(now, asked, credit(maxCreditableCents)));
    }
    const rest = estimateNote(now, everything(now)).maxCreditableCents;
    if (rest > 0n) now = afterNote(now, drawNote(now, everything(now), credit(rest)));
    const credited = now.notes.reduce((sum, note) => sum + note.creditCents, 0n);
    expect({ seed, credited }).toEqual({ seed, credited: invoice.totalAmountCents });
    expect(estimateNote(now, everything(now)).maxCreditableCents).toBe(0n);
  }
  // Else nothing would be tried here.
  expect(roundedAway).toBeGreaterThan(100);
});

test('a provider names one code with two rates: each is of its own fees, and what a fee bears twice counts twice', () => {
  const sales = (rate: string): Tax => ({
    taxId: null,
    code: 'sales_tax',
    name: 'Sales tax',
    description: null,
    rate: new Decimal(rate),
  });
  const invoice = exampleInvoice([
    { cents: 1000, taxes: [sales('6')] },
    { cents: 1000, taxes: [sales('8.25')] },
    { cents: 1000, taxes: [sales('6'), sales('6')] },
  ]);
  const estimates = [0, 1, 2].map((at) => estimateNote(invoice, [item(at, 1000)]));
  expect(estimates.map(({ taxesCents, taxes }) => [taxesCents, taxes.map(({ rate }) => rate.toFixed())])).toEqual([
    [60n, ['6']],
    [83n, ['8.25']],
    [120n, ['6']],
  ]);
  const { invoice: credited } = creditAll(invoice, [
    [0, 1000],
    [1, 1000],
    [2, 1000],
  ]);
  expect(credited.notes.reduce((sum, { creditCents }) => sum + creditCents, 0n)).toBe(invoice.totalAmountCents);
});
