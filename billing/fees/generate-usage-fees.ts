import type { InvoicedCharge } from '../charges/charge-facts.ts';
import type { InvoicedSubscriptionFacts, InvoiceFacts } from '../invoices/invoice-facts.ts';
import { chargeFees } from './charge-fees.ts';
import type { GeneratedFee } from './fee.ts';
import { isStored } from './usage-fee.ts';

/**
 * The fees for the usage of a subscription's charges in arrears, in the order of the charges and their buckets.
 *
 * 1001 requests at 0.05: one fee of 5005 cents. No event and nothing to pay: no fee (spec, usage 4.6).
 */
export function generateUsageFees(
  { charges, invoicingReason, subscriptionId, windows }: InvoicedSubscriptionFacts,
  { currency }: InvoiceFacts,
): readonly GeneratedFee[] {
  const { chargesFrom, chargesTo } = windows;
  if (chargesFrom === null || chargesTo === null || chargesFrom >= chargesTo) return [];
  // A starting invoice is made before there can be usage, or at the end of a trial for the fee alone.
  if (invoicingReason === 'subscription_starting') return [];
  return charges.filter(isBilledInArrears).flatMap((charge) =>
    chargeFees(charge, currency)
      .filter(isStored)
      .map(({ chargeFilterId, groupedBy, eventsCount, totalAggregatedUnits, ...amounts }) => ({
        source: {
          kind: 'charge',
          subscriptionId,
          chargeId: charge.chargeId,
          chargeFilterId,
          groupedBy,
          isTrueUp: false,
          totalAggregatedUnits,
          eventsCount,
          fromDatetime: chargesFrom,
          toDatetime: chargesTo,
        },
        invoiceDisplayName: charge.invoiceDisplayName ?? charge.metricName,
        ...amounts,
      })),
  );
}

/** Which usage charges an invoice has (spec, subscriptions-and-invoices 4.4, its table). */
function isBilledInArrears(charge: InvoicedCharge): boolean {
  return charge.invoiceable && !charge.payInAdvance && !charge.continuesAfterUpgrade;
}
