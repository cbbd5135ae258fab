import type { EntityManager } from '@mikro-orm/postgresql';
import { lockCustomer } from '../../db/customer-lock.ts';
import type { Invoice } from '../../db/entities/invoice.ts';
import { sql } from '../../db/sql.ts';
import { findInvoice } from './find-invoice.ts';

/**
 * An invoice as it is once nobody else changes it, until the end of the transaction.
 *
 * @throws Refusal 404 `invoice_not_found` when it is gone meanwhile; 422 `lock_acquisition_failed`.
 */
export async function holdInvoice(em: EntityManager, { id, customerId }: Invoice): Promise<Invoice> {
  await lockCustomer(em, customerId);
  // A change of the entity's settings moves drafts without the customer's lock.
  await sql(em, 'select 1 from invoices where id = $1 for no key update', [id]);
  return findInvoice(em, id);
}
