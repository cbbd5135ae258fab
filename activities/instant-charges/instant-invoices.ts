import { localDate } from '../../billing/calendar/local-date.ts';
import { customerSettings } from '../../billing/customers/customer-facts.ts';
import { calculateInvoice } from '../../billing/invoices/calculate-invoice.ts';
import type { PricedEventFee } from '../../billing/instant-charges/price-events.ts';
import { millisecondsOf } from '../../db/types/microseconds.ts';
import type { InvoiceToSave } from '../invoices/save-invoices.ts';
import type { InstantChargeContext } from './load-instant-charge.ts';
import type { InstantSources } from './load-instant-sources.ts';
import { instantInvoiceId } from './running-usage-id.ts';
import { generatedFee } from './standalone-fees.ts';

/** Whether each event of the charge has an invoice of its own. */
export const isInvoiced = ({ charged }: Pick<InstantChargeContext, 'charged'>): boolean => charged.charge.invoiceable;

/** An invoice for each priced event, dated at the event's time (spec, usage 6.5). */
export function calculateInstantInvoices(
  context: InstantChargeContext,
  { taxes, coupons, creditNotes }: InstantSources,
  priced: readonly PricedEventFee[],
  now: Date,
): readonly (InvoiceToSave & Pick<PricedEventFee, 'event'>)[] {
  const { subscription, plan, customer, billingEntity, timeZone, charged, clockNow } = context;
  return priced.map((one) => {
    const { event } = one;
    const at = new Date(millisecondsOf(event.timestamp));
    const calculated = calculateInvoice({
      invoiceType: 'subscription',
      currency: plan.amountCurrency,
      timeZone,
      billingInstant: at,
      day: localDate(at, timeZone),
      finalizedOn: null,
      isMadeAgain: false,
      awaitedTaxes: false,
      recurring: false,
      customer: customerSettings(customer),
      billingEntity,
      coupons,
      creditNotes,
      taxes,
      instant: {
        fee: generatedFee(context, one),
        invoiced: {
          subscriptionId: subscription.id,
          timestamp: at,
          recurring: false,
          invoicingReason: 'in_advance_charge',
          fromDatetime: event.period.from,
          toDatetime: event.period.to,
          chargesFromDatetime: event.period.from,
          chargesToDatetime: event.period.to,
          fixedChargesFromDatetime: null,
          fixedChargesToDatetime: null,
        },
      },
      addOns: [],
      subscriptions: [],
    });
    const place = {
      invoiceId: instantInvoiceId(event.eventId, charged.charge.id),
      customer,
      billingEntity,
      purchaseOrderNumber: subscription.purchaseOrderNumber ?? null,
      isNew: true,
      now,
      hasTestClock: clockNow !== null,
    };
    return { event, place, calculated };
  });
}
