import type { InvoicedCharge } from '../charges/charge-facts.ts';
import type { InvoicedSubscriptionFacts, InvoiceFacts } from '../invoices/invoice-facts.ts';
import type { Currency } from '../money/currency.ts';
import { chargeFees, type BucketFee } from './charge-fees.ts';
import type { BilledWindow, GeneratedFee } from './fee.ts';
import { endsInUpgrade, proratedMinimum, trueUp, type MinimumPeriod, type TrueUp } from './true-up.ts';
import { isStored } from './usage-fee.ts';

/**
 * The fees for the usage of a subscription's charges in arrears, in the order of the charges and their buckets; last of
 * a charge what its spending minimum lacks.
 *
 * 1001 requests at 0.05: one fee of 5005 cents, and with a minimum of 6000 another of 995. No event and nothing to pay:
 * no fee (spec, usage 4.6).
 */
export function generateUsageFees(
  { charges, invoicingReason, subscriptionId, terms, windows }: InvoicedSubscriptionFacts,
  { billingInstant, currency, timeZone }: InvoiceFacts,
): readonly GeneratedFee[] {
  const { chargesFrom: from, chargesTo: to, chargesDurationDays: durationDays } = windows;
  if (from === null || to === null || from >= to) return [];
  // A starting invoice is made before there can be usage, or at the end of a trial for the fee alone.
  if (invoicingReason === 'subscription_starting') return [];
  const window = { subscriptionId, fromDatetime: from, toDatetime: to };
  const period = { from, to, durationDays, timeZone, isUpgraded: endsInUpgrade(terms, billingInstant) };
  return charges.filter(isBilledInArrears).flatMap((charge) => feesOf(charge, window, period, currency));
}

/** Which usage charges an invoice has (spec, subscriptions-and-invoices 4.4, its table). */
function isBilledInArrears(charge: InvoicedCharge): boolean {
  return charge.invoiceable && !charge.payInAdvance && !charge.continuesAfterUpgrade;
}

function feesOf(
  charge: InvoicedCharge,
  window: BilledWindow,
  period: MinimumPeriod,
  currency: Currency,
): readonly GeneratedFee[] {
  const fees = chargeFees(charge, currency);
  const money = { currency, pricingUnit: charge.pricingUnit };
  const missing = trueUp(fees, proratedMinimum(charge.minAmountCents, period), money);
  // The fee that the true-up belongs to is there for it, even if it is of nothing.
  const parent = missing && fees.find(({ chargeFilterId }) => chargeFilterId === null);
  const stored = fees.filter((fee) => isStored(fee) || fee === parent).map((fee) => usageFeeOf(charge, window, fee));
  return missing ? [...stored, trueUpFeeOf(charge, window, missing)] : stored;
}

const usageFeeOf = (
  { chargeId, invoiceDisplayName, metricName }: InvoicedCharge,
  window: BilledWindow,
  { chargeFilterId, groupedBy, presentation, pricingUnit, eventsCount, totalAggregatedUnits, ...amounts }: BucketFee,
): GeneratedFee => ({
  source: {
    kind: 'charge',
    chargeId,
    chargeFilterId,
    groupedBy,
    isTrueUp: false,
    totalAggregatedUnits,
    eventsCount,
    presentation,
    pricingUnit,
    ...window,
  },
  invoiceDisplayName: invoiceDisplayName ?? metricName,
  ...amounts,
});

const trueUpFeeOf = (
  { chargeId, invoiceDisplayName, metricName }: InvoicedCharge,
  window: BilledWindow,
  { pricingUnit, ...amounts }: TrueUp,
): GeneratedFee => ({
  source: {
    kind: 'charge',
    chargeId,
    chargeFilterId: null,
    groupedBy: {},
    isTrueUp: true,
    totalAggregatedUnits: amounts.units,
    eventsCount: 0n,
    presentation: null,
    pricingUnit,
    ...window,
  },
  invoiceDisplayName: invoiceDisplayName ?? metricName,
  ...amounts,
  amountDetails: {},
});
