import { isStored, usageFee } from '../charges/usage-fee.ts';
import { centsToNumber } from '../money/cents.ts';
import { assertInvoice } from './invariants.ts';
import { dateSettings, datesWhenFinalized, invoiceDates } from './invoice-dates.ts';
import type { ChargeFacts, InvoicedSubscriptionFacts, InvoiceFacts } from './invoice-facts.ts';
import { finalStatus, initialPaymentStatus } from './invoice-status.ts';
import type { CalculatedInvoice, InvoicedSubscription, InvoiceFee } from './invoice.ts';
import { subscriptionFee } from './subscription-fee.ts';
import { invoiceTotals, NO_CREDITS } from './totals.ts';

/**
 * Decides on a complete invoice: facts in, the invoice as data out. It saves nothing and gives no number; the same facts give the
 * same invoice, so a preview and a retry are what was billed (spec, subscriptions-and-invoices 4.4, 6.7). Throws
 * InvariantBroken rather than answer an invoice that contradicts itself.
 */
export function calculateInvoice(facts: InvoiceFacts): CalculatedInvoice {
  const fees = facts.subscriptions.flatMap((subscription) => feesOf(subscription, facts));
  const totals = invoiceTotals(fees, NO_CREDITS);
  const invoice: CalculatedInvoice = {
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

// Every invoice made here is of the type `subscription` and bills no charge in advance: it has a grace period.
function datesAndStatus(
  { billingEntity, customer, day, finalizedOn, recurring }: InvoiceFacts,
  feesAmountCents: bigint,
): Pick<
  CalculatedInvoice,
  'issuingDate' | 'paymentDueDate' | 'expectedFinalizationDate' | 'netPaymentTerm' | 'appliedGracePeriod' | 'status'
> {
  const settings = dateSettings(customer, billingEntity);
  const occasion = { day, recurring, hasGracePeriod: true };
  const dates = invoiceDates(occasion, settings);
  const isDraft = finalizedOn === null && settings.invoiceGracePeriod > 0;
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

/** The fees of one subscription, in the order of the spec: 4.4. */
function feesOf(subscription: InvoicedSubscriptionFacts, facts: InvoiceFacts): readonly InvoiceFee[] {
  return [...subscriptionFees(subscription, facts), ...usageFees(subscription, facts)];
}

function subscriptionFees(subscription: InvoicedSubscriptionFacts, facts: InvoiceFacts): readonly InvoiceFee[] {
  const { plan, subscriptionId, windows } = subscription;
  const { billingInstant, currency, timeZone } = facts;
  const { from, to } = windows;
  if (from === null || to === null) return [];
  const fee = subscriptionFee({ ...subscription, billingInstant, currency, timeZone, window: { from, to } });
  if (fee === null) return [];
  const { planAmountCents, ...numbers } = fee;
  return [
    {
      feeType: 'subscription',
      subscriptionId,
      chargeId: null,
      invoiceDisplayName: plan.invoiceDisplayName ?? plan.name,
      ...numbers,
      totalAggregatedUnits: null,
      eventsCount: null,
      amountDetails: { plan_amount_cents: centsToNumber(planAmountCents) },
      fromDatetime: from,
      toDatetime: to,
    },
  ];
}

function usageFees(subscription: InvoicedSubscriptionFacts, { currency }: InvoiceFacts): readonly InvoiceFee[] {
  const { charges, invoicingReason, subscriptionId, windows } = subscription;
  const { chargesFrom, chargesTo } = windows;
  if (chargesFrom === null || chargesTo === null || chargesFrom >= chargesTo) return [];
  // A starting invoice is made before there can be usage, or at the end of a trial for the fee alone.
  if (invoicingReason === 'subscription_starting') return [];
  return charges.filter(isBilledInArrears).flatMap((charge) => {
    const fee = usageFee({ ...charge, currency });
    if (!isStored(fee)) return [];
    return [
      {
        feeType: 'charge',
        subscriptionId,
        chargeId: charge.chargeId,
        invoiceDisplayName: charge.invoiceDisplayName ?? charge.metricName,
        ...fee,
        totalAggregatedUnits: fee.units,
        fromDatetime: chargesFrom,
        toDatetime: chargesTo,
      },
    ];
  });
}

// Which usage charges an invoice has: table of 4.4.
function isBilledInArrears(charge: ChargeFacts): boolean {
  return charge.invoiceable && !charge.payInAdvance && !charge.continuesAfterUpgrade;
}
