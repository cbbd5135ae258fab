import type { EntityManager } from '@mikro-orm/postgresql';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import { detailedInvoices } from '../../shapes/invoices/load-invoices.ts';
import type { FinalizedInvoiceJson, InvoiceJson } from './schema.ts';

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

/**
 * The same right after it has become final: one that is closed is shown to whoever has closed it, and to nobody after.
 */
export async function finalizedInvoice(em: EntityManager, invoice: Invoice, now: Date): Promise<FinalizedInvoiceJson> {
  if (invoice.status !== 'closed') return detailedInvoice(em, invoice, now);
  return { ...(await detailedInvoice(em, { ...invoice, status: 'draft' }, now)), status: 'closed' };
}
