import { feeGenerators } from '../fees/fee-generators.ts';
import type { InvoiceFee } from '../fees/fee.ts';
import { assertInvoice } from './invariants.ts';
import { dateSettings, datesWhenFinalized, invoiceDates } from './invoice-dates.ts';
import type { InvoicedSubscriptionFacts, InvoiceFacts } from './invoice-facts.ts';
import { invoicePolicies } from './invoice-policy.ts';
import { finalStatus, initialPaymentStatus } from './invoice-status.ts';
import type { CalculatedInvoice, InvoicedSubscription } from './invoice.ts';
import { invoiceTotals, NO_CREDITS, type InvoiceCredits } from './totals.ts';

/** An invoice between two steps: its lines, and what is added to or taken from them. */
export interface InvoiceInMaking {
  readonly fees: readonly InvoiceFee[];
  readonly credits: InvoiceCredits;
}

/** Answers the invoice as the next step finds it. */
export type InvoiceStep = (invoice: InvoiceInMaking, facts: InvoiceFacts) => InvoiceInMaking;

const addFees: InvoiceStep = (invoice, facts) => ({
  ...invoice,
  fees: facts.subscriptions.flatMap((subscription) =>
    feeGenerators.flatMap((generate) => generate(subscription, facts)),
  ),
});

/**
 * In the order of the rules: fees, progressive credits, coupons, taxes, credit notes, wallets (spec, money 0;
 * subscriptions-and-invoices 6.7). A step is a file of its capability that is named here at its place.
 */
const STEPS: readonly InvoiceStep[] = [addFees];

/**
 * Decides on a complete invoice: facts in, the invoice as data out. It saves nothing and gives no number; the same facts give the
 * same invoice, so a preview and a retry are what was billed (spec, subscriptions-and-invoices 4.4, 6.7). Throws
 * InvariantBroken rather than answer an invoice that contradicts itself.
 *
 * 31.00 a month from 15 January, 1001 requests at 0.05 and 3 GB at 2.00: fees of 1700, 5005 and 600 cents, 7305 in all.
 */
export function calculateInvoice(facts: InvoiceFacts): CalculatedInvoice {
  const empty: InvoiceInMaking = { fees: [], credits: NO_CREDITS };
  const { fees, credits } = STEPS.reduce((made, step) => step(made, facts), empty);
  const totals = invoiceTotals(fees, credits);
  const invoice: CalculatedInvoice = {
    invoiceType: facts.invoiceType,
    currency: facts.currency,
    timezone: facts.timeZone,
    ...datesAndStatus(facts, totals.feesAmountCents),
    paymentStatus: initialPaymentStatus(totals.totalAmountCents),
    subscriptions: facts.subscriptions.map((subscription) => invoicedSubscription(subscription, facts)),
    fees,
    ...totals,
  };
  assertInvoice(invoice);
  return invoice;
}

function datesAndStatus(
  { invoiceType, billingEntity, customer, day, finalizedOn, recurring }: InvoiceFacts,
  feesAmountCents: bigint,
): Pick<
  CalculatedInvoice,
  'issuingDate' | 'paymentDueDate' | 'expectedFinalizationDate' | 'netPaymentTerm' | 'appliedGracePeriod' | 'status'
> {
  const settings = dateSettings(customer, billingEntity);
  const { hasGracePeriod } = invoicePolicies[invoiceType];
  const occasion = { day, recurring, hasGracePeriod };
  const dates = invoiceDates(occasion, settings);
  const isDraft = hasGracePeriod && finalizedOn === null && settings.invoiceGracePeriod > 0;
  return {
    ...(finalizedOn === null ? dates : datesWhenFinalized(dates, occasion, settings, finalizedOn)),
    netPaymentTerm: settings.netPaymentTerm,
    appliedGracePeriod: settings.invoiceGracePeriod,
    status: isDraft ? 'draft' : finalStatus(feesAmountCents, customer, billingEntity),
  };
}

function invoicedSubscription(
  { subscriptionId, invoicingReason, windows }: InvoicedSubscriptionFacts,
  { billingInstant, recurring }: InvoiceFacts,
): InvoicedSubscription {
  return {
    subscriptionId,
    timestamp: billingInstant,
    recurring,
    invoicingReason,
    fromDatetime: windows.from,
    toDatetime: windows.to,
    chargesFromDatetime: windows.chargesFrom,
    chargesToDatetime: windows.chargesTo,
    fixedChargesFromDatetime: windows.fixedChargesFrom,
    fixedChargesToDatetime: windows.fixedChargesTo,
  };
}
