import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { validate as isUuid } from 'uuid';
import { notAllowed, notFound } from '../../billing/refusal.ts';
import { lockCustomer } from '../../db/customer-lock.ts';
import { Fee } from '../../db/entities/invoices/fee.ts';

/** A fee by its id. @throws Refusal 404 `fee_not_found`. */
export async function findFee(em: EntityManager, id: string): Promise<Fee> {
  const fee = isUuid(id) ? await em.findOne(Fee, { id: id.toLowerCase(), deletedAt: null }) : null;
  if (!fee) throw notFound('fee');
  return fee;
}

/**
 * A fee without invoice, which nobody else changes or gathers until the end of the transaction.
 *
 * @throws Refusal 404 `fee_not_found`; 405 `invoiced_fee`; 422 `lock_acquisition_failed`.
 */
export async function holdStandaloneFee(em: EntityManager, id: string): Promise<Fee> {
  const { customerId, ...found } = await findFee(em, id);
  await lockCustomer(em, customerId);
  const lock = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } as const;
  const fee = await em.findOne(Fee, { id: found.id, deletedAt: null }, lock);
  if (!fee) throw notFound('fee');
  if (fee.invoiceId != null) throw notAllowed('invoiced_fee');
  return fee;
}
