import type { EntityManager } from '@mikro-orm/postgresql';
import { feePayment, isFeePaymentStatus } from '../../billing/fees/fee-payment.ts';
import { invalid } from '../../billing/refusal.ts';
import type { Fee } from '../../db/entities/invoices/fee.ts';
import type { CommandScope } from '../command-scope.ts';
import { holdStandaloneFee } from './hold-fee.ts';

/**
 * Notes what has become of the payment of a fee without invoice, in the caller's transaction (spec,
 * subscriptions-and-invoices 10).
 *
 * @throws Refusal as `holdStandaloneFee`; 422 `payment_status: value_is_invalid`.
 */
export async function updateFee(
  em: EntityManager,
  { now }: CommandScope,
  { id, paymentStatus }: { readonly id: string; readonly paymentStatus: string | null },
): Promise<Fee> {
  const fee = await holdStandaloneFee(em, id);
  if (!isFeePaymentStatus(paymentStatus)) throw invalid({ payment_status: ['value_is_invalid'] });
  em.assign(fee, { ...feePayment(paymentStatus, now), updatedAt: now });
  await em.flush();
  return fee;
}
