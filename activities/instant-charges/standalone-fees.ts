import type { GeneratedFee, InvoiceFee } from '../../billing/fees/fee.ts';
import type { PricedEventFee } from '../../billing/instant-charges/price-events.ts';
import { ZERO } from '../../billing/money/decimal.ts';
import { taxedFees } from '../../billing/taxes/apply-taxes.ts';
import type { InstantChargeContext } from './load-instant-charge.ts';
import type { InstantSources } from './load-instant-sources.ts';

/** The fee of an event as a line, with or without an invoice. */
export function generatedFee(
  { subscription, charged: { charge, billableMetric } }: Pick<InstantChargeContext, 'subscription' | 'charged'>,
  { event, fee: { after: _, ...fee } }: PricedEventFee,
): GeneratedFee {
  const { bucket, groupedBy, period, eventId, transactionId } = event;
  return {
    source: {
      kind: 'charge',
      subscriptionId: subscription.id,
      chargeId: charge.id,
      chargeFilterId: bucket.chargeFilterId,
      groupedBy,
      isTrueUp: false,
      totalAggregatedUnits: fee.units,
      eventsCount: 1n,
      event: { id: eventId, transactionId },
      fromDatetime: period.from,
      toDatetime: period.to,
    },
    invoiceDisplayName: charge.invoiceDisplayName ?? billableMetric.name,
    ...fee,
  };
}

/** A fee without an invoice is taxed at once, with what is known of its taxes then (spec, usage 6.6). */
export function standaloneFee(
  context: Pick<InstantChargeContext, 'subscription' | 'charged'>,
  { taxesForNow }: Pick<InstantSources, 'taxesForNow'>,
  priced: PricedEventFee,
): InvoiceFee {
  const [fee] = taxedFees(
    [{ ...generatedFee(context, priced), preciseCouponsAmountCents: ZERO, preciseCreditNotesAmountCents: ZERO }],
    taxesForNow,
  );
  return fee!;
}
