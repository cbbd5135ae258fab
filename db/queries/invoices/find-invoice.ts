import type { EntityManager } from '@mikro-orm/postgresql';
import { validate as isUuid } from 'uuid';
import { VISIBLE_STATUSES, type InvoiceStatus } from '../../../billing/invoices/invoice-status.ts';
import { notFound } from '../../../billing/refusal.ts';
import { Invoice } from '../../entities/invoices/invoice.ts';

/**
 * The invoice as it is in the database now.
 *
 * @param id as a request names it.
 * @throws Refusal 404 `invoice_not_found`, also for one that is there and not shown.
 */
export async function findInvoice(
  em: EntityManager,
  id: string,
  statuses: readonly InvoiceStatus[] = VISIBLE_STATUSES,
): Promise<Invoice> {
  const invoice = isUuid(id) ? await em.findOne(Invoice, { id, status: [...statuses] }, { refresh: true }) : null;
  if (!invoice) throw notFound('invoice');
  return invoice;
}
