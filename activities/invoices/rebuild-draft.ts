import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { localDate, parseLocalDate } from '../../billing/calendar/local-date.ts';
import { dayOfDraft } from '../../billing/invoices/draft-dates.ts';
import type { InvoiceFacts } from '../../billing/invoices/invoice-facts.ts';
import { planReason, type InvoicingReason } from '../../billing/invoices/invoicing-reason.ts';
import type { PlannedInvoice, PlannedLine } from '../../billing/invoices/planned-invoice.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { BillingEntity } from '../../db/entities/billing-entity.ts';
import { Customer } from '../../db/entities/customer.ts';
import { InvoiceSubscription } from '../../db/entities/invoice-subscription.ts';
import { Invoice } from '../../db/entities/invoice.ts';
import { Organization } from '../../db/entities/organization.ts';
import { Plan } from '../../db/entities/plan.ts';
import { Subscription } from '../../db/entities/subscription.ts';
import { sql } from '../../db/sql.ts';
import { loadInvoiceFacts } from './load-invoice-facts.ts';
import type { InvoicePlace } from './save-invoice.ts';

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
  // The settings' workflow and whoever flags drafts do not have the customer's lock: they hold the rows.
  await sql(em, 'select 1 from invoices where id = $1 for no key update', [invoiceId]);
  const invoice = await em.findOne(Invoice, { id: invoiceId, status: 'draft' }, { refresh: true });
  if (!invoice) return null;
  const rows = await em.find(InvoiceSubscription, { invoiceId });
  const subscriptions = await em.find(Subscription, { id: rows.map((row) => row.subscriptionId) });
  const plans = await em.find(Plan, { id: [...new Set(subscriptions.map(({ planId }) => planId))] });
  const customer = await em.findOneOrFail(Customer, { id: invoice.customerId });
  const entities = await em.find(BillingEntity, { id: [invoice.billingEntityId, customer.billingEntityId] });
  const organization = await em.findOneOrFail(Organization, { id: invoice.organizationId });
  const entity = (id: string) => entities.find((candidate) => candidate.id === id)!;
  const [first] = rows;
  if (!first) throw new Error(`draft ${invoiceId} bills no subscription`);
  return {
    invoice,
    place: {
      invoiceId,
      customer,
      billingEntity: entity(invoice.billingEntityId),
      purchaseOrderNumber: invoice.purchaseOrderNumber ?? null,
      frozen: organization.clockNow != null,
      now: organization.clockNow ?? realNow,
    },
    timeZone: applicableTimeZone(customer, entity(customer.billingEntityId)),
    billingInstant: first.timestamp,
    recurring: first.recurring,
    lines: rows.map(({ subscriptionId, invoicingReason }) => {
      const subscription = subscriptions.find(({ id }) => id === subscriptionId)!;
      return {
        subscription: asItWas(subscription, invoicingReason),
        plan: plans.find(({ id }) => id === subscription.planId)!,
        invoicingReason: planReason(invoicingReason),
      };
    }),
  };
}

/**
 * A subscription that has ended since an invoice of its running time was made was active for it, also when it ended at the very
 * instant that the invoice bills (spec, decisions). So it was for its last invoice where that bills nothing but the period
 * that closed before the day of the end (spec, subscriptions-and-invoices 3.4).
 */
export const asItWas = (subscription: Subscription, invoicingReason: InvoicingReason): Subscription =>
  subscription.status !== 'terminated' ||
  (invoicingReason === 'subscription_terminating' && subscription.onTerminationInvoice === 'generate')
    ? subscription
    : { ...subscription, status: 'active', terminatedAt: null };

/**
 * What a draft is calculated from, from zero: the billing instant, reasons and zone that it was made with (S044, S046), what there
 * was when it was made (spec, decisions) and the usage of now.
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
    timeZone: invoice.timezone,
    currency,
    billingInstant,
    recurring,
    lines,
    day: dayOfDraft({ expectedFinalizationDate: parseLocalDate(invoice.expectedFinalizationDate), appliedGracePeriod }),
    finalizedOn: finalizes ? localDate(place.now, timeZone) : null,
    isMadeAgain: true,
  };
  const [facts] = await loadInvoiceFacts(em, invoice.organizationId, [planned]);
  return facts!;
}
