import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from '../../../billing/calendar/epoch-day.ts';
import { localDate, parseLocalDate, type PlainDate } from '../../../billing/calendar/local-date.ts';
import { dayOfDraft, draftDates, hasDates, type DatedDraft } from '../../../billing/invoices/draft-dates.ts';
import {
  dateSettings,
  invoiceDates,
  issuingDateOffset,
  type CustomerDateSettings,
  type InvoiceDateSettings,
} from '../../../billing/invoices/invoice-dates.ts';

const DEFAULTS: InvoiceDateSettings = {
  invoiceGracePeriod: 0,
  netPaymentTerm: 0,
  subscriptionInvoiceIssuingDateAnchor: 'next_period_start',
  subscriptionInvoiceIssuingDateAdjustment: 'align_with_finalization_date',
};

const NONE: CustomerDateSettings = {
  invoiceGracePeriod: null,
  netPaymentTerm: null,
  subscriptionInvoiceIssuingDateAnchor: null,
  subscriptionInvoiceIssuingDateAdjustment: null,
};

/** A draft as it is made on a day. */
const made = (day: PlainDate, recurring: boolean, settings: InvoiceDateSettings): DatedDraft => ({
  ...invoiceDates({ day, recurring, hasGracePeriod: true }, settings),
  netPaymentTerm: settings.netPaymentTerm,
  appliedGracePeriod: settings.invoiceGracePeriod,
  recurring,
});

const written = ({ issuingDate, paymentDueDate, expectedFinalizationDate, ...rest }: DatedDraft) => ({
  ...rest,
  issued: issuingDate.toString(),
  due: paymentDueDate.toString(),
  final: expectedFinalizationDate.toString(),
});

const settings = fc.record<InvoiceDateSettings>({
  invoiceGracePeriod: fc.integer({ min: 0, max: 60 }),
  netPaymentTerm: fc.integer({ min: 0, max: 90 }),
  subscriptionInvoiceIssuingDateAnchor: fc.constantFrom('next_period_start', 'current_period_end'),
  subscriptionInvoiceIssuingDateAdjustment: fc.constantFrom('align_with_finalization_date', 'keep_anchor'),
});

const own = fc.record<CustomerDateSettings>({
  invoiceGracePeriod: fc.option(fc.integer({ min: 0, max: 60 })),
  netPaymentTerm: fc.option(fc.integer({ min: 0, max: 90 })),
  subscriptionInvoiceIssuingDateAnchor: fc.option(
    fc.constantFrom<'next_period_start' | 'current_period_end'>('next_period_start', 'current_period_end'),
  ),
  subscriptionInvoiceIssuingDateAdjustment: fc.option(
    fc.constantFrom<'align_with_finalization_date' | 'keep_anchor'>('align_with_finalization_date', 'keep_anchor'),
  ),
});

const day = fc
  .record({
    instant: fc.date({ min: new Date('2020-01-01'), max: new Date('2032-01-01'), noInvalidDate: true }),
    zone: fc.constantFrom('UTC', 'Asia/Tokyo', 'America/Los_Angeles', 'Pacific/Apia', 'Europe/Paris'),
  })
  .map(({ instant, zone }) => localDate(instant, zone));

describe('the dates of a draft after any changes of settings', () => {
  test('are those of an invoice that is made with the last of them', () => {
    fc.assert(
      fc.property(
        day,
        fc.boolean(),
        settings,
        fc.array(fc.tuple(own, settings), { minLength: 1, maxLength: 5 }),
        (on, recurring, first, changes) => {
          let draft = made(on, recurring, first);
          for (const [customer, entity] of changes) {
            const applicable = dateSettings(customer, entity);
            draft = draftDates(draft, applicable);
            expect(written(draft)).toEqual(written(made(on, recurring, applicable)));
            expect(dayOfDraft(draft).toString()).toBe(on.toString());
          }
        },
      ),
    );
  });

  test('move by the difference of the offsets, and by it once', () => {
    fc.assert(
      fc.property(day, fc.boolean(), settings, settings, (on, recurring, before, after) => {
        const draft = made(on, recurring, before);
        const moved = draftDates(draft, after);
        const occasion = { hasGracePeriod: true, recurring };
        const difference = issuingDateOffset(occasion, after) - issuingDateOffset(occasion, before);
        expect(moved.issuingDate.toString()).toBe(addDays(draft.issuingDate, difference).toString());
        expect(hasDates(draftDates(moved, after), moved)).toBe(true);
        expect(hasDates(draft, draftDates(draft, before))).toBe(true);
      }),
    );
  });
});

// Seed features S047 to S050.
describe('a change of settings', () => {
  const june21 = parseLocalDate('2022-06-21');

  test.each([
    ['none to 2 days', {}, { invoiceGracePeriod: 2, netPaymentTerm: 3 }, '2022-06-23', '2022-06-26'],
    ['12 to 15 days', { invoiceGracePeriod: 12 }, { invoiceGracePeriod: 15 }, '2022-07-06', '2022-07-06'],
    ['12 to 9 days', { invoiceGracePeriod: 12 }, { invoiceGracePeriod: 9 }, '2022-06-30', '2022-06-30'],
    ['a term of none to 30 days', {}, { netPaymentTerm: 30 }, '2022-06-21', '2022-07-21'],
    [
      'to the end of the period',
      { invoiceGracePeriod: 3 },
      {
        invoiceGracePeriod: 3,
        subscriptionInvoiceIssuingDateAnchor: 'current_period_end',
        subscriptionInvoiceIssuingDateAdjustment: 'keep_anchor',
      },
      '2022-06-20',
      '2022-06-20',
    ],
  ] as const)('of a draft of 21 June: %s', (_, before, after, issued, due) => {
    const draft = made(june21, true, { ...DEFAULTS, ...before });
    expect(written(draftDates(draft, { ...DEFAULTS, ...after }))).toMatchObject({ issued, due });
  });

  test('a customer of 0 has none, one of null what the issuer says', () => {
    const entity = { ...DEFAULTS, invoiceGracePeriod: 3, netPaymentTerm: 15 };
    const draft = made(june21, true, dateSettings({ ...NONE, invoiceGracePeriod: 0 }, entity));
    expect(written(draft)).toMatchObject({ issued: '2022-06-21', appliedGracePeriod: 0 });
    expect(written(draftDates(draft, dateSettings(NONE, entity)))).toMatchObject({
      issued: '2022-06-24',
      due: '2022-07-09',
      appliedGracePeriod: 3,
    });
  });

  test('3, 5, 7 is 4 days, whichever of them is seen', () => {
    const [three, five, seven] = [3, 5, 7].map((invoiceGracePeriod) => ({ ...DEFAULTS, invoiceGracePeriod }));
    const draft = made(june21, true, three!);
    const all = draftDates(draftDates(draft, five!), seven!);
    expect(all.issuingDate.toString()).toBe(addDays(draft.issuingDate, 4).toString());
    expect(hasDates(all, draftDates(draft, seven!))).toBe(true);
  });
});
