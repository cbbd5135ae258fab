import { VISIBLE_STATUSES, type InvoiceStatus } from '../../billing/invoices/invoice-status.ts';
import { notFound } from '../../billing/refusal.ts';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Invoice } from '../../db/entities/invoice.ts';
import { detailedInvoices } from '../../shapes/invoices/load-invoices.ts';
import type { InvoiceJson } from './schema.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The invoice as it is in the database now.
 *
 * @throws Refusal 404 `invoice_not_found`, also for one that is there and not shown.
 */
export async function findInvoice(
  em: EntityManager,
  id: string,
  statuses: readonly InvoiceStatus[] = VISIBLE_STATUSES,
): Promise<Invoice> {
  const invoice = UUID.test(id) ? await em.findOne(Invoice, { id, status: [...statuses] }, { refresh: true }) : null;
  if (!invoice) throw notFound('invoice');
  return invoice;
}

/**
 * An invoice with everything on it.
 *
 * @param now the organization's clock.
 */
export async function detailedInvoice(em: EntityManager, invoice: Invoice, now: Date): Promise<InvoiceJson> {
  const [json] = await detailedInvoices(em, [invoice], now);
  if (!json) throw new Error(`invoice ${invoice.id} cannot be shown`);
  return json;
}
