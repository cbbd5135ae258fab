import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { boundaries } from '../../../billing/calendar/boundaries.ts';
import { localDate, parseLocalDate } from '../../../billing/calendar/local-date.ts';
import type { SubscriptionTerms } from '../../../billing/calendar/subscription-terms.ts';
import { trueUpParent, type InvoiceFee } from '../../../billing/fees/fee.ts';
import { calculateInvoice } from '../../../billing/invoices/calculate-invoice.ts';
import { InvariantBroken } from '../../../billing/invoices/invariants.ts';
import type { ChargeBucket, InvoicedCharge } from '../../../billing/charges/charge-facts.ts';
import type { InvoicedSubscriptionFacts, InvoiceFacts } from '../../../billing/invoices/invoice-facts.ts';
import { NO_COUPONS } from '../../../billing/coupons/applied-coupon.ts';
import { UNTAXED } from '../../../billing/taxes/fee-taxes.ts';
import { NO_TAXES, type InvoiceTaxFacts } from '../../../billing/taxes/tax-facts.ts';
import { exampleTax } from '../taxes/example-taxes.ts';
import { Decimal } from '../../../billing/money/decimal.ts';

const at = (text: string): Date => new Date(text);

const TERMS: SubscriptionTerms = {
  interval: 'monthly',
  payInAdvance: false,
  billChargesMonthly: false,
  billFixedChargesMonthly: false,
  hasCharges: true,
  hasFixedCharges: false,
  billingTime: 'calendar',
  subscriptionAt: at('2024-01-15T10:00:00Z'),
  startedAt: at('2024-01-15T10:00:00Z'),
  terminatedAt: null,
  status: 'active',
  next: null,
};

const bucket = (price: string, units: number, change: Partial<ChargeBucket> = {}): ChargeBucket => ({
  chargeFilterId: null,
  groupedBy: {},
  pricing: { chargeModel: 'standard', amount: new Decimal(price) },
  usage: { units: new Decimal(units), eventsCount: BigInt(units) },
  presentation: null,
  ...change,
});

function charge(chargeId: string, price: string, units: number, change: Partial<InvoicedCharge> = {}): InvoicedCharge {
  return {
    chargeId,
    invoiceDisplayName: null,
    metricName: 'Requests',
    payInAdvance: false,
    invoiceable: true,
    continuesAfterUpgrade: false,
    isCarriedOver: false,
    pricingUnit: null,
    minAmountCents: 0n,
    rounding: { roundingFunction: null, roundingPrecision: null },
    buckets: [bucket(price, units)],
    ...change,
  };
}

interface Billed extends Partial<InvoicedSubscriptionFacts> {
  readonly billedAt?: string;
}

function subscription({
  billedAt = '2024-02-01T00:05:00Z',
  terms = TERMS,
  ...change
}: Billed): InvoicedSubscriptionFacts {
  return {
    subscriptionId: 's1',
    invoicingReason: 'subscription_periodic',
    windows: boundaries(terms, 'UTC', at(billedAt), { currentUsage: false, lastWindows: null }),
    plan: { name: 'Pro', invoiceDisplayName: null },
    charges: [],
    terms,
    planAmountCents: 3100n,
    trialEnd: null,
    subscriptionCreatedAt: terms.subscriptionAt,
    previous: null,
    hasOlderFee: false,
    hasFeeOfSameDay: false,
    ...change,
  };
}

function factsOf(
  subscriptions: readonly InvoicedSubscriptionFacts[],
  change: Partial<InvoiceFacts> = {},
): InvoiceFacts {
  const billingInstant = change.billingInstant ?? at('2024-02-01T00:05:00Z');
  return {
    invoiceType: 'subscription',
    coupons: NO_COUPONS,
    creditNotes: [],
    taxes: NO_TAXES,
    awaitedTaxes: false,
    addOns: [],
    currency: 'EUR',
    timeZone: 'UTC',
    billingInstant,
    day: localDate(billingInstant, 'UTC'),
    finalizedOn: null,
    isMadeAgain: false,
    recurring: true,
    customer: {
      invoiceGracePeriod: null,
      netPaymentTerm: null,
      subscriptionInvoiceIssuingDateAnchor: null,
      subscriptionInvoiceIssuingDateAdjustment: null,
      finalizeZeroAmountInvoice: 'inherit',
    },
    billingEntity: {
      invoiceGracePeriod: 0,
      netPaymentTerm: 30,
      subscriptionInvoiceIssuingDateAnchor: 'next_period_start',
      subscriptionInvoiceIssuingDateAdjustment: 'align_with_finalization_date',
      finalizeZeroAmountInvoice: true,
    },
    subscriptions,
    ...change,
  };
}

const subscriptionOf = ({ source }: InvoiceFee): string | null =>
  source.kind === 'add_on' ? null : source.subscriptionId;

const chargeOf = ({ source }: InvoiceFee): string | null => (source.kind === 'charge' ? source.chargeId : null);

describe('a periodic invoice', () => {
  const requests = charge('c1', '0.05', 1001);
  const storage = charge('c2', '2', 3, { invoiceDisplayName: 'Storage (GB)' });
  const invoice = calculateInvoice(factsOf([subscription({ charges: [requests, storage] })]));

  test('the subscription fee comes first, then usage in the order of the charges', () => {
    // 31.00 for 17 of 31 days, 1001 x 0.05 and 3 x 2.
    expect(
      invoice.fees.map((fee) => [fee.source.kind, chargeOf(fee), fee.invoiceDisplayName, fee.amountCents]),
    ).toEqual([
      ['subscription', null, 'Pro', 1700n],
      ['charge', 'c1', 'Requests', 5005n],
      ['charge', 'c2', 'Storage (GB)', 600n],
    ]);
  });

  test('a fee carries its numbers and the window that it bills', () => {
    const [fee, usage] = invoice.fees;
    expect(fee).toEqual({
      source: {
        kind: 'subscription',
        subscriptionId: 's1',
        fromDatetime: at('2024-01-15T00:00:00Z'),
        toDatetime: at('2024-01-31T23:59:59.999Z'),
      },
      invoiceDisplayName: 'Pro',
      units: new Decimal(1),
      amountCents: 1700n,
      preciseAmountCents: new Decimal(1700),
      unitAmountCents: 1700n,
      preciseUnitAmount: new Decimal(17),
      amountDetails: { plan_amount_cents: 3100 },
      preciseCouponsAmountCents: new Decimal(0),
      preciseCreditNotesAmountCents: new Decimal(0),
      ...UNTAXED,
    });
    expect(usage).toMatchObject({
      source: {
        kind: 'charge',
        subscriptionId: 's1',
        chargeId: 'c1',
        totalAggregatedUnits: new Decimal(1001),
        eventsCount: 1001n,
        // Usage begins with the service, not with its day.
        fromDatetime: at('2024-01-15T10:00:00Z'),
        toDatetime: at('2024-01-31T23:59:59.999Z'),
      },
      units: new Decimal(1001),
      unitAmountCents: 5n,
    });
  });

  test('the windows of the subscription are those of the billing instant', () => {
    expect(invoice.subscriptions).toEqual([
      {
        subscriptionId: 's1',
        timestamp: at('2024-02-01T00:05:00Z'),
        recurring: true,
        invoicingReason: 'subscription_periodic',
        fromDatetime: at('2024-01-15T00:00:00Z'),
        toDatetime: at('2024-01-31T23:59:59.999Z'),
        chargesFromDatetime: at('2024-01-15T10:00:00Z'),
        chargesToDatetime: at('2024-01-31T23:59:59.999Z'),
        fixedChargesFromDatetime: at('2024-01-15T10:00:00Z'),
        fixedChargesToDatetime: at('2024-01-31T23:59:59.999Z'),
      },
    ]);
  });

  test('totals, dates and status', () => {
    expect(invoice).toMatchObject({
      currency: 'EUR',
      timezone: 'UTC',
      feesAmountCents: 7305n,
      subTotalExcludingTaxesAmountCents: 7305n,
      taxesAmountCents: 0n,
      subTotalIncludingTaxesAmountCents: 7305n,
      totalAmountCents: 7305n,
      status: 'finalized',
      paymentStatus: 'pending',
      netPaymentTerm: 30,
    });
    const { issuingDate, paymentDueDate, expectedFinalizationDate } = invoice;
    expect([issuingDate, paymentDueDate, expectedFinalizationDate].map(String)).toEqual([
      '2024-02-01',
      '2024-03-02',
      '2024-02-01',
    ]);
  });

  test('the same facts give the same invoice', () => {
    expect(calculateInvoice(factsOf([subscription({ charges: [requests, storage] })]))).toEqual(invoice);
  });
});

describe('which usage is billed', () => {
  const chargesOf = (charges: readonly InvoicedCharge[], change: Billed = {}): readonly string[] =>
    calculateInvoice(factsOf([subscription({ charges, ...change })]))
      .fees.map(chargeOf)
      .filter((chargeId) => chargeId !== null);

  test.each([
    ['paid in advance', { payInAdvance: true }],
    ['not invoiceable', { invoiceable: false }],
    ['billed by the next plan of an upgrade', { continuesAfterUpgrade: true }],
  ])('not a charge that is %s', (_, change) => {
    expect(chargesOf([charge('c1', '1', 5, change), charge('c2', '1', 5)])).toEqual(['c2']);
  });

  test('not a charge without usage, but one without usage that costs something', () => {
    const range = { fromValue: 0, toValue: null, perUnitAmount: new Decimal(1), flatAmount: new Decimal(2) };
    const flat = charge('c2', '0', 0, {
      buckets: [bucket('0', 0, { pricing: { chargeModel: 'graduated', ranges: [range] } })],
    });
    expect(chargesOf([charge('c1', '1', 0), flat])).toEqual(['c2']);
  });

  test('events that cost nothing are shown', () => {
    expect(chargesOf([charge('c1', '0', 7)])).toEqual(['c1']);
  });

  test('what a minimum lacks is a fee after those of the charge, of which the default one is there for it', () => {
    const buckets = [bucket('2', 5, { chargeFilterId: 'f1' }), bucket('1', 0)];
    const { fees } = calculateInvoice(
      factsOf([subscription({ charges: [charge('c1', '0', 0, { buckets, minAmountCents: 3100n })] })]),
    );
    const ofCharge = fees.filter(({ source }) => source.kind === 'charge');
    // From 15 January on: 17 of 31 days.
    expect(ofCharge.map(({ units, amountCents }) => [units.toNumber(), amountCents])).toEqual([
      [5, 1000n],
      [0, 0n],
      [1, 700n],
    ]);
    expect(fees.map((fee) => trueUpParent(fees, fee)).filter((place) => place !== null)).toEqual([
      fees.indexOf(ofCharge[1]!),
    ]);
  });

  test('a minimum that was used up adds nothing, nor does that of a charge that is not billed', () => {
    expect(chargesOf([charge('c1', '100', 5, { minAmountCents: 3100n })])).toEqual(['c1']);
    expect(chargesOf([charge('c1', '1', 5, { minAmountCents: 3100n, payInAdvance: true })])).toEqual([]);
  });

  test('none on a starting invoice, in an empty window, or without a window', () => {
    const used = [charge('c1', '1', 5)];
    expect(chargesOf(used, { invoicingReason: 'subscription_starting' })).toEqual([]);
    const windows = boundaries(TERMS, 'UTC', at('2024-02-01T00:05:00Z'), { currentUsage: false, lastWindows: null });
    expect(chargesOf(used, { windows: { ...windows, chargesFrom: null, chargesTo: null } })).toEqual([]);
    expect(chargesOf(used, { windows: { ...windows, chargesTo: windows.chargesFrom } })).toEqual([]);
  });
});

describe('taxes', () => {
  const vat = exampleTax('vat', '20');
  const local = exampleTax('local', '10');
  const requests = charge('c1', '0.05', 1001);
  const storage = charge('c2', '2', 3);
  const taxed = (taxes: Partial<InvoiceTaxFacts>, change: Partial<InvoiceFacts> = {}) =>
    calculateInvoice(
      factsOf([subscription({ charges: [requests, storage] })], { taxes: { ...NO_TAXES, ...taxes }, ...change }),
    );

  test('each fee has those of its charge, else of its plan, else of the customer', () => {
    const invoice = taxed({ ofCharges: new Map([['c1', [local]]]), ofCustomer: [vat], ofBillingEntity: [local] });
    expect(invoice.fees.map((fee) => [fee.taxesRate.toNumber(), fee.taxesAmountCents])).toEqual([
      [20, 340n],
      // 5005 cents at 10 %.
      [10, 501n],
      [20, 120n],
    ]);
    expect(invoice).toMatchObject({ taxStatus: 'succeeded', taxesAmountCents: 961n, totalAmountCents: 8266n });
    expect(invoice.appliedTaxes).toMatchObject([
      { code: 'vat', feesAmountCents: 2300n, amountCents: 460n },
      { code: 'local', feesAmountCents: 5005n, amountCents: 501n },
    ]);
    expect(taxed({ ofPlans: new Map([['s1', [local]]]), ofCustomer: [vat] }).taxesAmountCents).toBe(731n);
  });

  test('an invoice whose taxes are not known yet waits for them without any', () => {
    const invoice = taxed({ awaitedFrom: 'vies', ofCustomer: [vat] });
    expect(invoice).toMatchObject({
      status: 'pending',
      taxStatus: 'pending',
      taxesAmountCents: 0n,
      totalAmountCents: 7305n,
      appliedTaxes: [],
    });
    expect(invoice.fees.every(({ appliedTaxes }) => appliedTaxes.length === 0)).toBe(true);
  });

  test('a draft stays a draft meanwhile, and what nobody wants is closed', () => {
    const customer = { ...factsOf([]).customer, invoiceGracePeriod: 3 };
    expect(taxed({ awaitedFrom: 'vies' }, { customer })).toMatchObject({ status: 'draft', taxStatus: 'pending' });
    const skipping = { ...factsOf([]).customer, finalizeZeroAmountInvoice: 'skip' as const };
    const free = subscription({ planAmountCents: 0n });
    const taxes = { ...NO_TAXES, awaitedFrom: 'vies' as const };
    expect(calculateInvoice(factsOf([free], { customer: skipping, taxes })).status).toBe('closed');
  });

  test('an invoice without fees waits for nothing', () => {
    const taxes = { ...NO_TAXES, awaitedFrom: 'vies' as const };
    expect(calculateInvoice(factsOf([], { taxes }))).toMatchObject({ fees: [], status: 'finalized' });
  });
});

describe('several subscriptions', () => {
  test('each keeps its fees together, in the order given', () => {
    const invoice = calculateInvoice(
      factsOf([
        subscription({ subscriptionId: 's2', charges: [charge('c1', '1', 1)], planAmountCents: 0n }),
        subscription({ subscriptionId: 's1', charges: [charge('c2', '1', 2)], hasOlderFee: true }),
      ]),
    );
    expect(invoice.fees.map((fee) => [subscriptionOf(fee), fee.source.kind, fee.amountCents])).toEqual([
      // A subscription fee of 0 is stored.
      ['s2', 'subscription', 0n],
      ['s2', 'charge', 100n],
      ['s1', 'subscription', 3100n],
      ['s1', 'charge', 200n],
    ]);
    expect(invoice.totalAmountCents).toBe(3400n);
    expect(invoice.subscriptions.map(({ subscriptionId }) => subscriptionId)).toEqual(['s2', 's1']);
  });

  test('an upgrade: the old plan to the day before, the new one in advance from its day on', () => {
    const cut = at('2024-01-20T12:00:00Z');
    const billingInstant = at('2024-01-20T12:00:01Z');
    const old: SubscriptionTerms = { ...TERMS, status: 'terminated', terminatedAt: cut, next: 'upgrade' };
    const fresh: SubscriptionTerms = { ...TERMS, payInAdvance: true, startedAt: cut };
    const invoice = calculateInvoice(
      factsOf(
        [
          subscription({
            terms: old,
            windows: boundaries(old, 'UTC', billingInstant, { currentUsage: true, lastWindows: null }),
            invoicingReason: 'subscription_terminating',
            charges: [charge('c1', '1', 4)],
          }),
          subscription({
            subscriptionId: 's2',
            terms: fresh,
            windows: boundaries(fresh, 'UTC', billingInstant, { currentUsage: false, lastWindows: null }),
            invoicingReason: 'subscription_starting',
            previous: 'upgrade',
            planAmountCents: 6200n,
            subscriptionCreatedAt: cut,
            charges: [charge('c2', '1', 4)],
          }),
        ],
        { billingInstant, recurring: false },
      ),
    );
    // 15 to 19 January at 1.00 a day; 20 to 31 January at 2.00.
    expect(invoice.fees.map((fee) => [subscriptionOf(fee), fee.source.kind, fee.amountCents])).toEqual([
      ['s1', 'subscription', 500n],
      ['s1', 'charge', 400n],
      ['s2', 'subscription', 2400n],
    ]);
    expect(invoice.subscriptions.map(({ recurring }) => recurring)).toEqual([false, false]);
  });
});

describe('status and dates', () => {
  const free = subscription({ planAmountCents: 0n });
  const settings = factsOf([]);

  test('an invoice of 0 is final and paid, or closed where it is not wanted', () => {
    expect(calculateInvoice(factsOf([free]))).toMatchObject({ status: 'finalized', paymentStatus: 'succeeded' });
    const customer = { ...settings.customer, finalizeZeroAmountInvoice: 'skip' } as const;
    expect(calculateInvoice(factsOf([free], { customer })).status).toBe('closed');
  });

  test('a grace period makes a draft, which its last day makes final', () => {
    const customer = { ...settings.customer, invoiceGracePeriod: 3 };
    const draft = calculateInvoice(factsOf([subscription({})], { customer }));
    expect([draft.status, String(draft.issuingDate), String(draft.expectedFinalizationDate)]).toEqual([
      'draft',
      '2024-02-04',
      '2024-02-04',
    ]);
    const finalizedOn = parseLocalDate('2024-02-06');
    const final = calculateInvoice(factsOf([subscription({})], { customer, finalizedOn }));
    expect([final.status, String(final.issuingDate), String(final.paymentDueDate)]).toEqual([
      'finalized',
      '2024-02-06',
      '2024-03-07',
    ]);
    const skipping = { ...customer, finalizeZeroAmountInvoice: 'skip' } as const;
    expect(calculateInvoice(factsOf([free], { customer: skipping })).status).toBe('draft');
    expect(calculateInvoice(factsOf([free], { customer: skipping, finalizedOn })).status).toBe('closed');
  });

  test('a draft announces itself when it is first made, and its final version once', () => {
    const customer = { ...settings.customer, invoiceGracePeriod: 3 };
    const made = (change: Partial<InvoiceFacts>) => calculateInvoice(factsOf([subscription({})], change)).effects;
    expect(made({ customer })).toEqual([
      { kind: 'finalization', madeWith: { applied: [], ofBillingEntity: [] } },
      { kind: 'webhooks', types: ['invoice.drafted', 'invoice.ready_to_finalize'] },
    ]);
    expect(made({ customer, isMadeAgain: true })).toEqual([]);
    const created = [{ kind: 'webhooks', types: ['invoice.created'] }];
    expect(made({ customer, isMadeAgain: true, finalizedOn: parseLocalDate('2024-02-06') })).toEqual(created);
    expect(made({})).toEqual(created);
    const skipping = { ...settings.customer, finalizeZeroAmountInvoice: 'skip' } as const;
    expect(calculateInvoice(factsOf([free], { customer: skipping })).effects).toEqual([]);
  });

  test('a draft stays a draft until it is finalized, also when the grace period is gone meanwhile', () => {
    expect(calculateInvoice(factsOf([subscription({})], { isMadeAgain: true })).status).toBe('draft');
  });

  test('a missed day is billed with its own windows and issued on the day it is made up', () => {
    const invoice = calculateInvoice(factsOf([subscription({})], { day: parseLocalDate('2024-04-10') }));
    expect([String(invoice.issuingDate), String(invoice.paymentDueDate)]).toEqual(['2024-04-10', '2024-05-10']);
    expect(invoice.subscriptions[0]?.toDatetime).toEqual(at('2024-01-31T23:59:59.999Z'));
  });
});

describe('an invoice that cannot be right', () => {
  test('amounts beyond JSON numbers are refused', () => {
    const facts = factsOf([subscription({ charges: [charge('c1', '99999999999999999999', 9)] })]);
    expect(() => calculateInvoice(facts)).toThrow(InvariantBroken);
  });

  test('any usage gives an invoice whose total is the sum of its lines, none of them negative', () => {
    const price = fc.nat(10_000).map((cents) => new Decimal(cents).div(1000).toFixed());
    const units = fc.integer({ min: -1000, max: 100_000 }).map((n) => new Decimal(n).div(7));
    const charges = fc.array(
      fc.tuple(price, units).map(([amount, used]) => {
        const only = bucket(amount, 1, { usage: { units: used, eventsCount: 1n } });
        return charge('c', amount, 1, { buckets: [only] });
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(fc.array(charges, { minLength: 1, maxLength: 4 }), fc.nat(1_000_000), (perSubscription, amount) => {
        const planAmountCents = BigInt(amount);
        const invoice = calculateInvoice(
          factsOf(perSubscription.map((list) => subscription({ charges: list, planAmountCents }))),
        );
        const cents = invoice.fees.map(({ amountCents }) => amountCents);
        expect(invoice.totalAmountCents).toBe(cents.reduce((sum, fee) => sum + fee, 0n));
        expect(cents.every((fee) => fee >= 0n)).toBe(true);
        expect(invoice.fees.length).toBe(perSubscription.flat().length + perSubscription.length);
      }),
    );
  });
});
