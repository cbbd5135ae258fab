import type { EntityManager } from '@mikro-orm/postgresql';
import { localDate, parseLocalDate } from '../../billing/calendar/local-date.ts';
import { dayOfDraft } from '../../billing/invoices/draft-dates.ts';
import type { InvoiceFacts } from '../../billing/invoices/invoice-facts.ts';
import { planReason, type InvoicingReason } from '../../billing/invoices/invoicing-reason.ts';
import { taxedParties, type PlannedInvoice, type PlannedLine } from '../../billing/invoices/planned-invoice.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import type { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { draftContents, heldDraft } from '../../db/queries/invoices/draft-contents.ts';
import { loadInvoiceFacts } from './facts/load-invoice-facts.ts';
import type { InvoicePlace } from './save-invoices.ts';

/** A draft with what it is made from. */
export interface Draft {
  readonly invoice: Invoice;
  readonly place: InvoicePlace;
  /** The customer's zone of now; the draft's windows keep the one that they were made in. */
  readonly timeZone: string;
  readonly billingInstant: Date;
  readonly recurring: boolean;
  readonly lines: readonly PlannedLine[];
}

/**
 * Loads a draft and holds it until the end of the transaction. Call it under the customer's lock.
 *
 * @param realNow real time, for live organizations.
 * @returns null when it is no draft any more.
 */
export async function loadDraft(em: EntityManager, invoiceId: string, realNow: Date): Promise<Draft | null> {
  const invoice = await heldDraft(em, invoiceId);
  if (!invoice) return null;
  const contents = await draftContents(em, invoiceId);
  const first = contents?.lines[0]?.invoiced;
  if (!contents || !first) throw new Error(`draft ${invoiceId} bills no subscription`);
  const { customer, billingEntity, timeZone, clockNow, lines } = contents;
  return {
    invoice,
    place: {
      invoiceId,
      customer,
      billingEntity,
      purchaseOrderNumber: invoice.purchaseOrderNumber ?? null,
      hasTestClock: clockNow !== null,
      now: clockNow ?? realNow,
    },
    timeZone,
    billingInstant: first.timestamp,
    recurring: first.recurring,
    lines: lines.map(({ invoiced: { invoicingReason }, subscription, plan }) => ({
      subscription: asItWas(subscription, invoicingReason),
      plan,
      invoicingReason: planReason(invoicingReason),
    })),
  };
}

/**
 * A subscription that has ended since an invoice of its running time was made was active for it, also when it ended at
 * the very instant that the invoice bills (spec, decisions). So it was for its last invoice where that bills nothing
 * but the period that closed before the day of the end (spec, subscriptions-and-invoices 3.4).
 */
export const asItWas = (subscription: Subscription, invoicingReason: InvoicingReason): Subscription =>
  subscription.status !== 'terminated' ||
  (invoicingReason === 'subscription_terminating' && subscription.onTerminationInvoice === 'generate')
    ? subscription
    : { ...subscription, status: 'active', terminatedAt: null };

/**
 * What a draft is calculated from, from zero: the billing instant, reasons and zone that it was made with (S044, S046),
 * what there was when it was made (spec, decisions) and the usage of now.
 *
 * @param finalizes whether it becomes final today, in the customer's calendar; else it stays a draft.
 */
export async function loadDraftFacts(em: EntityManager, draft: Draft, finalizes: boolean): Promise<InvoiceFacts> {
  const { invoice, place, timeZone, billingInstant, recurring, lines } = draft;
  const { currency, appliedGracePeriod } = invoice;
  if (!isCurrency(currency)) throw new Error(`invoice ${invoice.id} is in the unknown currency ${currency}`);
  const planned: PlannedInvoice = {
    invoiceType: invoice.invoiceType,
    invoiceId: invoice.id,
    customer: place.customer,
    billingEntity: place.billingEntity,
    taxed: taxedParties(place.customer),
    timeZone: invoice.timezone,
    currency,
    billingInstant,
    recurring,
    lines,
    day: dayOfDraft({ expectedFinalizationDate: parseLocalDate(invoice.expectedFinalizationDate), appliedGracePeriod }),
    finalizedOn: finalizes ? localDate(place.now, timeZone) : null,
    isMadeAgain: true,
    awaitedTaxes: invoice.taxStatus === 'pending',
  };
  const [facts] = await loadInvoiceFacts(em, invoice.organizationId, [planned]);
  return facts!;
}
