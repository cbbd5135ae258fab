import { describe, expect, test } from '@jest/globals';
import { parseLocalDate } from '../../../billing/calendar/local-date.ts';
import { dateSettings, datesWhenFinalized, invoiceDates } from '../../../billing/invoices/invoice-dates.ts';
import type { InvoiceDates, InvoiceDateSettings } from '../../../billing/invoices/invoice-dates.ts';

const DEFAULTS: InvoiceDateSettings = {
  invoiceGracePeriod: 0,
  netPaymentTerm: 0,
  subscriptionInvoiceIssuingDateAnchor: 'next_period_start',
  subscriptionInvoiceIssuingDateAdjustment: 'align_with_finalization_date',
};

const day = parseLocalDate('2024-03-01');
const PERIODIC = { day, recurring: true, hasGracePeriod: true };

const written = (dates: InvoiceDates): readonly string[] => [
  dates.issuingDate.toString(),
  dates.paymentDueDate.toString(),
  dates.expectedFinalizationDate.toString(),
];

describe('dates of a new invoice', () => {
  // Spec, subscriptions-and-invoices 6.5.
  test.each([
    ['next_period_start', 'align_with_finalization_date', 0, '2024-03-01'],
    ['next_period_start', 'align_with_finalization_date', 3, '2024-03-04'],
    ['next_period_start', 'keep_anchor', 0, '2024-03-01'],
    ['next_period_start', 'keep_anchor', 3, '2024-03-01'],
    ['current_period_end', 'align_with_finalization_date', 0, '2024-02-29'],
    ['current_period_end', 'align_with_finalization_date', 3, '2024-03-04'],
    ['current_period_end', 'keep_anchor', 0, '2024-02-29'],
    ['current_period_end', 'keep_anchor', 3, '2024-02-29'],
  ] as const)('periodic, %s, %s, grace of %d days: issued on %s', (anchor, adjustment, invoiceGracePeriod, issued) => {
    const settings: InvoiceDateSettings = {
      ...DEFAULTS,
      invoiceGracePeriod,
      subscriptionInvoiceIssuingDateAnchor: anchor,
      subscriptionInvoiceIssuingDateAdjustment: adjustment,
    };
    const finalized = parseLocalDate('2024-03-01').add({ days: invoiceGracePeriod }).toString();
    expect(written(invoiceDates(PERIODIC, settings))).toEqual([issued, issued, finalized]);
  });

  test('an invoice that is not periodic ignores the anchor', () => {
    const settings: InvoiceDateSettings = {
      ...DEFAULTS,
      invoiceGracePeriod: 5,
      subscriptionInvoiceIssuingDateAnchor: 'current_period_end',
      subscriptionInvoiceIssuingDateAdjustment: 'keep_anchor',
    };
    const occasion = { ...PERIODIC, recurring: false };
    expect(written(invoiceDates(occasion, settings))).toEqual(['2024-03-06', '2024-03-06', '2024-03-06']);
  });

  test('an invoice without a grace period is issued on its day', () => {
    const settings = { ...DEFAULTS, invoiceGracePeriod: 5, netPaymentTerm: 2 };
    for (const recurring of [true, false]) {
      const dates = invoiceDates({ day, recurring, hasGracePeriod: false }, settings);
      expect(written(dates)).toEqual(['2024-03-01', '2024-03-03', '2024-03-01']);
    }
  });

  test('the payment term counts from the issuing date', () => {
    const settings = { ...DEFAULTS, invoiceGracePeriod: 3, netPaymentTerm: 30 };
    expect(written(invoiceDates(PERIODIC, settings))).toEqual(['2024-03-04', '2024-04-03', '2024-03-04']);
  });
});

describe('dates when an invoice becomes final', () => {
  const settings: InvoiceDateSettings = { ...DEFAULTS, invoiceGracePeriod: 3, netPaymentTerm: 10 };
  const keeping: InvoiceDateSettings = { ...settings, subscriptionInvoiceIssuingDateAdjustment: 'keep_anchor' };
  const today = parseLocalDate('2024-03-20');

  test.each([
    ['periodic and aligned', true, settings, '2024-03-20', '2024-03-30'],
    ['periodic and keeping its anchor', true, keeping, '2024-03-01', '2024-03-11'],
    ['not periodic', false, keeping, '2024-03-20', '2024-03-30'],
  ] as const)('%s', (_, recurring, applied, issued, due) => {
    const occasion = { ...PERIODIC, recurring };
    const dates = datesWhenFinalized(invoiceDates(occasion, applied), occasion, applied, today);
    expect(written(dates)).toEqual([issued, due, '2024-03-04']);
  });
});

describe('the settings that apply', () => {
  const entity: InvoiceDateSettings = { ...DEFAULTS, invoiceGracePeriod: 7, netPaymentTerm: 30 };
  const nothing = {
    invoiceGracePeriod: null,
    netPaymentTerm: null,
    subscriptionInvoiceIssuingDateAnchor: null,
    subscriptionInvoiceIssuingDateAdjustment: null,
  };

  test('a customer without its own has the billing entity’s', () => {
    expect(dateSettings(nothing, entity)).toEqual(entity);
  });

  test('0 is a setting of its own', () => {
    const applied = dateSettings({ ...nothing, invoiceGracePeriod: 0, netPaymentTerm: 0 }, entity);
    expect([applied.invoiceGracePeriod, applied.netPaymentTerm]).toEqual([0, 0]);
  });

  test('each is inherited by itself', () => {
    const own = {
      ...nothing,
      subscriptionInvoiceIssuingDateAnchor: 'current_period_end',
      subscriptionInvoiceIssuingDateAdjustment: 'keep_anchor',
    } as const;
    expect(dateSettings(own, entity)).toEqual({ ...entity, ...own, invoiceGracePeriod: 7, netPaymentTerm: 30 });
  });
});
