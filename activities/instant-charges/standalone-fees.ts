import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import type { GeneratedFee, InvoiceFee } from '../../billing/fees/fee.ts';
import type { PricedEventFee } from '../../billing/instant-charges/price-events.ts';
import type { Currency } from '../../billing/money/currency.ts';
import { ZERO } from '../../billing/money/decimal.ts';
import { taxedFees } from '../../billing/taxes/apply-taxes.ts';
import type { InvoiceTaxFacts } from '../../billing/taxes/tax-facts.ts';
import { writeFees } from '../../db/queries/instant-charges/write-fees.ts';
import { feeRow } from '../invoices/invoice-rows.ts';
import { announceFees } from '../webhooks/announce.ts';
import type { WebhookOrigin } from '../webhooks/emit-webhooks.ts';
import type { InstantChargeContext } from './load-instant-charge.ts';
import type { InstantSources } from './load-instant-sources.ts';

/** The fee of an event as a line, with or without an invoice. */
export function generatedFee(
  { subscription, charged: { charge, billableMetric } }: Pick<InstantChargeContext, 'subscription' | 'charged'>,
  { event, fee: { after: _, pricingUnit, ...fee } }: PricedEventFee,
): GeneratedFee {
  const { bucket, groupedBy, presentation, period, eventId, transactionId } = event;
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
      presentation: presentation && {
        keysOnInvoice: presentation.keysOnInvoice,
        parts: [{ by: presentation.by, units: fee.units }],
      },
      pricingUnit,
      event: { id: eventId, transactionId },
      fromDatetime: period.from,
      toDatetime: period.to,
    },
    invoiceDisplayName: charge.invoiceDisplayName ?? billableMetric.name,
    ...fee,
  };
}

/** Fees without invoice are taxed at once, with the taxes that are known (spec, usage 6.6). */
export const taxedAtOnce = (fees: readonly GeneratedFee[], taxes: InvoiceTaxFacts): readonly InvoiceFee[] =>
  taxedFees(
    fees.map((fee) => ({ ...fee, preciseCouponsAmountCents: ZERO, preciseCreditNotesAmountCents: ZERO })),
    taxes,
  );

/** The fee of an event without an invoice. */
export const standaloneFee = (
  context: Pick<InstantChargeContext, 'subscription' | 'charged'>,
  { taxesForNow }: Pick<InstantSources, 'taxesForNow'>,
  priced: PricedEventFee,
): InvoiceFee => taxedAtOnce([generatedFee(context, priced)], taxesForNow)[0]!;

/** A fee without invoice, and whose it is. */
export interface StandaloneFee {
  readonly fee: InvoiceFee;
  readonly customerId: string;
  readonly billingEntityId: string;
  readonly currency: Currency;
}

/** Writes fees without invoice, of one organization, and tells of them: `fee.created` (spec, usage 6.6). */
export async function writeStandaloneFees(
  em: EntityManager,
  { organizationId, now }: WebhookOrigin,
  fees: readonly StandaloneFee[],
): Promise<void> {
  if (fees.length === 0) return;
  const rows = fees.map(({ fee, customerId, billingEntityId, currency }) => ({
    ...feeRow(fee, {
      organizationId,
      billingEntityId,
      customerId,
      amountCurrency: currency,
      createdAt: now,
      updatedAt: now,
    }),
    id: v7(),
    invoiceId: null,
    position: 0,
    invoiceable: false,
    payInAdvance: true,
  }));
  await writeFees(em, rows);
  await announceFees(em, { organizationId, now }, { id: rows.map(({ id }) => id) });
}
