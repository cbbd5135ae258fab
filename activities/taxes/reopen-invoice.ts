import type { EntityManager } from '@mikro-orm/postgresql';
import { assertTransition } from '../../billing/invoices/invoice-transitions.ts';
import { InvoiceError } from '../../db/entities/invoices/invoice-error.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';

/**
 * Has a failed invoice wait for its taxes again, in the caller's transaction, who holds its row.
 *
 * @param now the organization's clock.
 */
export async function reopenInvoice(em: EntityManager, invoice: Invoice, now: Date): Promise<void> {
  assertTransition(invoice.status, 'pending', 'retry');
  await em.nativeDelete(InvoiceError, { invoiceId: invoice.id, errorCode: 'tax_error' });
  em.assign(invoice, { status: 'pending', taxStatus: 'pending', updatedAt: now });
  await em.flush();
}
