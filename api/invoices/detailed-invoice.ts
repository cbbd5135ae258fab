import type { EntityManager } from '@mikro-orm/postgresql';
import type { Invoice } from '../../db/entities/invoice.ts';
import { detailedInvoices } from '../../shapes/invoices/load-invoices.ts';
import type { InvoiceJson } from './schema.ts';

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
