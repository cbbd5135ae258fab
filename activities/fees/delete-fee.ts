import type { EntityManager } from '@mikro-orm/postgresql';
import type { Fee } from '../../db/entities/invoices/fee.ts';
import type { CommandScope } from '../command-scope.ts';
import { holdStandaloneFee } from './hold-fee.ts';

/**
 * Deletes a fee without invoice, in the caller's transaction; its event is not priced again (spec,
 * subscriptions-and-invoices 10).
 *
 * @throws Refusal as `holdStandaloneFee`.
 */
export async function deleteFee(em: EntityManager, { now }: CommandScope, id: string): Promise<Fee> {
  const fee = await holdStandaloneFee(em, id);
  em.assign(fee, { deletedAt: now, updatedAt: now });
  await em.flush();
  return fee;
}
