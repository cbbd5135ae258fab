import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { localDate } from '../billing/calendar/local-date.ts';
import { draftNumber, invoiceNumber, numberingOf } from '../billing/invoices/invoice-number.ts';
import type { CalculatedInvoice } from '../billing/invoices/invoice.ts';
import type { BillingEntity } from '../db/entities/billing-entity.ts';
import type { Customer } from '../db/entities/customer.ts';
import { Fee } from '../db/entities/fee.ts';
import { InvoiceSubscription } from '../db/entities/invoice-subscription.ts';
import { Invoice } from '../db/entities/invoice.ts';
import { InvoiceError } from '../db/entities/invoice-error.ts';
import { sql } from '../db/sql.ts';
import { announceInvoice } from './announce.ts';

/** Where an invoice belongs, beside what it says. */
export interface InvoicePlace {
  readonly invoiceId: string;
  readonly customer: Customer;
  readonly billingEntity: BillingEntity;
  readonly purchaseOrderNumber: string | null;
  /** Whether it is known that no earlier attempt has left the row; else it is looked for. */
  readonly isNew?: boolean;
  /** The organization's clock. */
  readonly now: Date;
}

/** The columns that say whose invoice it is, and what can be said of it before it is calculated. */
export const invoiceHead = ({ invoiceId, customer, billingEntity, purchaseOrderNumber, now }: InvoicePlace) => ({
  id: invoiceId,
  organizationId: customer.organizationId,
  customerId: customer.id,
  billingEntityId: billingEntity.id,
  invoiceType: 'subscription' as const,
  number: draftNumber(billingEntity.documentNumberPrefix),
  purchaseOrderNumber,
  timezoneDataVersion: process.versions['tz'] ?? 'unknown',
  selfBilled: customer.accountType === 'partner',
  createdAt: now,
  updatedAt: now,
});

/**
 * Saves a calculated invoice with its windows and fees; a row that an earlier attempt left as `generating` is filled. The
 * number comes last, so that the counters are held for the shortest time.
 */
export async function saveInvoice(
  em: EntityManager,
  place: InvoicePlace,
  calculated: CalculatedInvoice,
): Promise<void> {
  const { invoiceId, now } = place;
  const { subscriptions, fees, status, issuingDate, paymentDueDate, expectedFinalizationDate, ...columns } = calculated;
  const existing = place.isNew === true ? null : await em.findOne(Invoice, { id: invoiceId });
  if (existing) await em.nativeDelete(InvoiceError, { invoiceId });
  const invoice = existing ?? em.create(Invoice, emptyInvoice(place, calculated));
  em.assign(invoice, {
    ...columns,
    status: status === 'finalized' ? 'generating' : status,
    issuingDate: issuingDate.toString(),
    paymentDueDate: paymentDueDate.toString(),
    expectedFinalizationDate: expectedFinalizationDate.toString(),
    updatedAt: now,
  });
  // Before its lines: the ORM does not know which rows point at which.
  await em.persist(invoice).flush();
  const owner = { organizationId: invoice.organizationId, invoiceId };
  for (const row of subscriptions) em.create(InvoiceSubscription, { ...row, ...owner, id: v7(), createdAt: now });
  for (const [position, fee] of fees.entries()) {
    em.create(Fee, {
      ...fee,
      ...owner,
      id: v7(),
      position,
      billingEntityId: invoice.billingEntityId,
      customerId: invoice.customerId,
      amountCurrency: calculated.currency,
      paymentStatus: 'pending',
      createdAt: now,
      updatedAt: now,
    });
  }
  await em.flush();
  if (status === 'finalized') await numberInvoice(em, place, invoice);
  await announceMade(em, invoice, now);
}

/** What the endpoints hear of a new invoice: nothing of one that is closed without a number (spec, subscriptions-and-invoices 14). */
async function announceMade(em: EntityManager, invoice: Invoice, now: Date): Promise<void> {
  if (invoice.status === 'finalized') await announceInvoice(em, invoice, now, ['invoice.created']);
  if (invoice.status === 'draft') {
    await announceInvoice(em, invoice, now, ['invoice.drafted', 'invoice.ready_to_finalize']);
  }
}

const emptyInvoice = (place: InvoicePlace, calculated: CalculatedInvoice) => ({
  ...invoiceHead(place),
  status: 'generating' as const,
  paymentStatus: calculated.paymentStatus,
  issuingDate: calculated.issuingDate.toString(),
  paymentDueDate: calculated.paymentDueDate.toString(),
  expectedFinalizationDate: calculated.expectedFinalizationDate.toString(),
  netPaymentTerm: calculated.netPaymentTerm,
  currency: calculated.currency,
  timezone: calculated.timezone,
});

/**
 * Makes an invoice final and gives it its number: the last change of a transaction, so that the counters are held for the
 * shortest time (spec, subscriptions-and-invoices 6.5).
 */
export async function numberInvoice(
  em: EntityManager,
  { customer, billingEntity, now }: InvoicePlace,
  invoice: Invoice,
): Promise<void> {
  const [{ sequence: sequentialId } = never()] = await sql<{ sequence: number }>(
    em,
    `insert into invoice_sequences (organization_id, customer_id, billing_entity_id, sequence) values ($1, $2, $3, 1)
     on conflict (customer_id, billing_entity_id) do update set sequence = invoice_sequences.sequence + 1
     returning sequence`,
    [customer.organizationId, customer.id, billingEntity.id],
  );
  const numbering = numberingOf(billingEntity.documentNumbering, invoice.selfBilled);
  const entitySequence = numbering === 'per_billing_entity' ? await takeEntitySequence(em, billingEntity.id) : null;
  const number = invoiceNumber(
    billingEntity.documentNumberPrefix,
    entitySequence === null
      ? { numbering: 'per_customer', customerSequence: customer.sequentialId, sequentialId }
      : { numbering: 'per_billing_entity', day: localDate(now, billingEntity.timezone), entitySequence },
  );
  em.assign(invoice, {
    status: 'finalized',
    number,
    sequentialId,
    entitySequentialId: entitySequence,
    finalizedAt: now,
    updatedAt: now,
  });
  await em.flush();
}

async function takeEntitySequence(em: EntityManager, billingEntityId: string): Promise<number> {
  const [{ sequence } = never()] = await sql<{ sequence: number }>(
    em,
    `update billing_entities set invoice_sequence = invoice_sequence + 1 where id = $1
     returning invoice_sequence as sequence`,
    [billingEntityId],
  );
  return sequence;
}

function never(): never {
  throw new Error('a counter that was just written must be there');
}
