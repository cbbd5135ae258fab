import type { EntityManager } from '@mikro-orm/postgresql';
import { BillingEntity } from '../../entities/organizations/billing-entity.ts';
import { Customer } from '../../entities/customers/customer.ts';
import { Fee } from '../../entities/invoices/fee.ts';
import { InvoiceError } from '../../entities/invoices/invoice-error.ts';
import { InvoiceSubscription } from '../../entities/invoices/invoice-subscription.ts';
import { Invoice } from '../../entities/invoices/invoice.ts';
import { Organization } from '../../entities/organizations/organization.ts';
import { sql } from '../../sql.ts';
import { notesFor, type OpenNote } from '../../../billing/credit-notes/use-notes.ts';
import type { Tax as AppliedTax } from '../../../billing/taxes/tax.ts';
import { IS_OPEN_NOTE, openNotes } from '../credit-notes/open-notes.ts';
import { rowsById } from '../rows-by-id.ts';
import { taxesById } from './taxes-by-code.ts';

/** What an invoice that waits for its taxes is made of. */
export interface WaitingInvoiceRows {
  readonly invoice: Invoice;
  /** In the order of the invoice. */
  readonly fees: readonly Fee[];
  /** What can pay it once it has its taxes, oldest first. */
  readonly creditNotes: readonly OpenNote[];
  /** Why it has no taxes, where it has failed. */
  readonly errors: readonly InvoiceError[];
  /** Of its subscriptions. */
  readonly periods: readonly InvoiceSubscription[];
  /** Those that a request gave for single fees, by id, as far as they still exist. */
  readonly givenTaxes: ReadonlyMap<string, AppliedTax>;
  /** By subscription. */
  readonly planIds: ReadonlyMap<string, string>;
  /** Whether it has credit notes that wait with it. */
  readonly hasDraftNotes: boolean;
  /** Its subscriptions in advance that have ended, and whose unused time is to be credited. */
  readonly endedInAdvance: readonly string[];
  readonly customer: Customer;
  /** The customer's. */
  readonly customerEntity: BillingEntity;
  /** The issuer. */
  readonly billingEntity: BillingEntity;
  /** null: real time. */
  readonly clockNow: Date | null;
}

/** Drafts wait for an external provider; they do not wait for VIES, whose answer has them made anew. */
export const awaitsTaxes = ({ status, taxStatus }: Pick<Invoice, 'status' | 'taxStatus'>): boolean =>
  ((status === 'pending' || status === 'draft') && taxStatus === 'pending') ||
  (status === 'failed' && taxStatus === 'failed');

/**
 * Loads it and holds its row until the end of the transaction. One that has failed waits too: its provider may be asked
 * again.
 *
 * @returns null when it does not wait any more.
 */
export async function waitingInvoice(em: EntityManager, invoiceId: string): Promise<WaitingInvoiceRows | null> {
  const [held] = await sql<{ credited: boolean; noted: boolean }>(
    em,
    `select exists (select from credit_notes where customer_id = invoices.customer_id and ${IS_OPEN_NOTE}) as credited,
            exists (select from credit_notes where invoice_id = invoices.id and status = 'draft') as noted
     from invoices where id = $1 for no key update`,
    [invoiceId],
  );
  const invoice = await em.findOne(Invoice, { id: invoiceId }, { refresh: true });
  if (!invoice || !awaitsTaxes(invoice)) return null;
  const fees = await em.find(Fee, { invoiceId }, { orderBy: { position: 'asc', id: 'asc' } });
  const errors = invoice.status === 'failed' ? await em.find(InvoiceError, { invoiceId }) : [];
  const periods = await em.find(InvoiceSubscription, { invoiceId });
  const planRows = await sql<{ id: string; planId: string; isEnded: boolean }>(
    em,
    `select id, plan_id as "planId",
            status = 'terminated' and coalesce(on_termination_credit_note, 'skip') <> 'skip' as "isEnded"
     from subscriptions where organization_id = $1 and id = any($2::uuid[])`,
    [invoice.organizationId, fees.flatMap(({ subscriptionId }) => subscriptionId ?? [])],
  );
  const customer = await em.findOneOrFail(Customer, { id: invoice.customerId });
  const entities = await rowsById(em, BillingEntity, [customer.billingEntityId, invoice.billingEntityId]);
  const { clockNow } = await em.findOneOrFail(Organization, { id: invoice.organizationId });
  const notes = held?.credited === true && invoice.status !== 'draft' ? await notesOf(em, invoice) : [];
  return {
    invoice,
    fees,
    creditNotes: notesFor(notes, { invoiceId, currency: invoice.currency }),
    errors,
    periods,
    givenTaxes: await taxesById(
      em,
      fees.flatMap(({ givenTaxIds }) => givenTaxIds),
    ),
    planIds: new Map(planRows.map(({ id, planId }) => [id, planId])),
    hasDraftNotes: held?.noted === true,
    endedInAdvance: planRows.filter(({ isEnded }) => isEnded).map(({ id }) => id),
    customer,
    customerEntity: entities.get(customer.billingEntityId)!,
    billingEntity: entities.get(invoice.billingEntityId)!,
    clockNow: clockNow ?? null,
  };
}

const notesOf = async (em: EntityManager, { organizationId, customerId }: Invoice): Promise<readonly OpenNote[]> =>
  (await openNotes(em, organizationId, [customerId])).get(customerId) ?? [];
