import type { EntityManager } from '@mikro-orm/postgresql';
import { lockCustomer } from '../../db/customer-lock.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import { lockInvoiceRow } from '../../db/queries/invoices/draft-row.ts';
import { findInvoice } from '../../db/queries/invoices/find-invoice.ts';

/**
 * The invoice of a request as it is once nobody else changes it, until the end of the transaction.
 *
 * @throws Refusal 404 `invoice_not_found`, also when it is gone meanwhile; 422 `lock_acquisition_failed`.
 */
export async function holdInvoice(em: EntityManager, invoiceId: string): Promise<Invoice> {
  const { id, customerId } = await findInvoice(em, invoiceId);
  await lockCustomer(em, customerId);
  await lockInvoiceRow(em, id);
  return findInvoice(em, id);
}
