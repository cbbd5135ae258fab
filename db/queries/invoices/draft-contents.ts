import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../../../billing/calendar/applicable-time-zone.ts';
import { BillingEntity } from '../../entities/organizations/billing-entity.ts';
import { Customer } from '../../entities/customers/customer.ts';
import { InvoiceSubscription } from '../../entities/invoices/invoice-subscription.ts';
import { Invoice } from '../../entities/invoices/invoice.ts';
import { Plan } from '../../entities/plans/plan.ts';
import { Subscription } from '../../entities/subscriptions/subscription.ts';
import { instantOf, sql } from '../../sql.ts';
import { joinedRows } from '../joined-rows.ts';

/**
 * A draft, held until the end of the transaction and watched for changes: those who move drafts or flag them do not
 * have the customer's lock, they hold the rows.
 *
 * @returns null when it is no draft any more.
 */
export async function heldDraft(em: EntityManager, invoiceId: string): Promise<Invoice | null> {
  const joined = joinedRows(em, em);
  const [row] = await sql<Record<string, unknown>>(
    em,
    `select ${joined.columns(Invoice, 'invoice')} from invoices invoice
     where invoice.id = $1 and invoice.status = 'draft' for no key update`,
    [invoiceId],
  );
  return row ? joined.take(Invoice, 'invoice', row) : null;
}

/** What a draft is made from; the rows are for reading. */
export interface DraftContents {
  readonly customer: Customer;
  /** The issuer. */
  readonly billingEntity: BillingEntity;
  /** The customer's zone of now. */
  readonly timeZone: string;
  /** The organization's test clock; null: it lives in real time. */
  readonly clockNow: Date | null;
  readonly lines: readonly {
    readonly invoiced: InvoiceSubscription;
    readonly subscription: Subscription;
    readonly plan: Plan;
  }[];
}

/**
 * Loads what a draft is made from, in one statement.
 *
 * @returns null for a draft that bills no subscription.
 */
export async function draftContents(em: EntityManager, invoiceId: string): Promise<DraftContents | null> {
  const joined = joinedRows(em);
  const rows = await sql<Record<string, unknown> & { readonly clockNow: string | null }>(
    em,
    `select ${joined.columns(InvoiceSubscription, 'invoiced')}, ${joined.columns(Subscription, 'subscription')},
            ${joined.columns(Plan, 'plan')}, ${joined.columns(Customer, 'customer')},
            ${joined.columns(BillingEntity, 'own')}, ${joined.columns(BillingEntity, 'issuer')},
            organizations.clock_now as "clockNow"
     from invoices invoice
       join organizations on organizations.id = invoice.organization_id
       join customers customer on customer.id = invoice.customer_id
       join billing_entities own on own.id = customer.billing_entity_id
       join billing_entities issuer on issuer.id = invoice.billing_entity_id
       join invoice_subscriptions invoiced on invoiced.invoice_id = invoice.id
       join subscriptions subscription on subscription.id = invoiced.subscription_id
       join plans plan on plan.id = subscription.plan_id
     where invoice.id = $1
     order by invoiced.id`,
    [invoiceId],
  );
  const [first] = rows;
  if (!first) return null;
  const customer = joined.take(Customer, 'customer', first)!;
  return {
    customer,
    billingEntity: joined.take(BillingEntity, 'issuer', first)!,
    timeZone: applicableTimeZone(customer, joined.take(BillingEntity, 'own', first)!),
    clockNow: instantOf(first.clockNow),
    lines: rows.map((row) => ({
      invoiced: joined.take(InvoiceSubscription, 'invoiced', row)!,
      subscription: joined.take(Subscription, 'subscription', row)!,
      plan: joined.take(Plan, 'plan', row)!,
    })),
  };
}
