import { currentWindow } from '../calendar/charge-window.ts';
import type { ChargeUsage } from '../charges/charge-amount.ts';
import type { InvoicedCharge } from '../charges/charge-facts.ts';
import type { InvoicedSubscriptionFacts, InvoiceFacts } from '../invoices/invoice-facts.ts';
import { chargeFees } from './charge-fees.ts';
import type { GeneratedFee } from './fee.ts';
import { isStored } from './usage-fee.ts';

type Billing = Pick<InvoiceFacts, 'billingInstant' | 'currency' | 'timeZone'>;

/**
 * What charges in advance ask for the period that begins, where their metric carries over: for all units that were
 * there when the last one ended, in full, also where the charge is prorated (spec, usage 6.6). None at the end of a
 * subscription. Charges without invoice have fees of their own (`standaloneRenewals`).
 *
 * 5 seats at 30.00 on 1 July: one fee of 15000 cents for 1 to 31 July.
 */
export const generateRenewalFees = (subscription: InvoicedSubscriptionFacts, facts: Billing): readonly GeneratedFee[] =>
  renewalFees(subscription, facts, true).filter(isStoredFee);

/** The same of charges without invoice, also of no units (spec, usage 4.6, its exception; 6.6). */
export const standaloneRenewals = (subscription: InvoicedSubscriptionFacts, facts: Billing): readonly GeneratedFee[] =>
  renewalFees(subscription, facts, false);

function renewalFees(
  { charges, invoicingReason, subscriptionId, terms, windows }: InvoicedSubscriptionFacts,
  { billingInstant, currency, timeZone }: Billing,
  invoiceable: boolean,
): readonly GeneratedFee[] {
  const { chargesFrom: from, chargesTo: to } = windows;
  const renewed = charges.filter((charge) => charge.invoiceable === invoiceable && isRenewed(charge));
  if (renewed.length === 0 || from === null || to === null || from >= to) return [];
  if (invoicingReason !== 'subscription_periodic') return [];
  const next = currentWindow(terms, timeZone, billingInstant, 'charges');
  if (next === null || next.from >= next.to) return [];
  const window = { subscriptionId, fromDatetime: next.from, toDatetime: next.to };
  return renewed.flatMap((charge) => {
    const buckets = charge.buckets.map((bucket) => ({ ...bucket, usage: inFull(bucket.usage) }));
    return chargeFees({ ...charge, buckets }, currency).map(
      ({
        chargeFilterId,
        groupedBy,
        presentation,
        pricingUnit,
        eventsCount,
        totalAggregatedUnits,
        ...amounts
      }): GeneratedFee => ({
        source: {
          kind: 'charge',
          chargeId: charge.chargeId,
          chargeFilterId,
          groupedBy,
          presentation,
          pricingUnit,
          isTrueUp: false,
          totalAggregatedUnits,
          eventsCount,
          ...window,
        },
        invoiceDisplayName: charge.invoiceDisplayName ?? charge.metricName,
        ...amounts,
      }),
    );
  });
}

const isRenewed = ({ payInAdvance, isCarriedOver }: InvoicedCharge): boolean => payInAdvance && isCarriedOver;

const isStoredFee = ({ source, ...fee }: GeneratedFee): boolean =>
  isStored({ ...fee, eventsCount: source.kind === 'charge' ? source.eventsCount : 0n });

/** Units as if they were there for the whole period. */
function inFull({ fullUnits, proratedSteps: _, ...usage }: ChargeUsage): ChargeUsage {
  return { ...usage, units: fullUnits ?? usage.units };
}
