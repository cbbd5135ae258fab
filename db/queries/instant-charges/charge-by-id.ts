import type { EntityManager } from '@mikro-orm/postgresql';
import { Charge } from '../../entities/plans/charge.ts';
import { readerOf } from '../joined-rows.ts';
import { chargesOfPlans, type ChargeWithMetric } from '../plans/charges-of-plans.ts';

/** A charge with its metric, whatever has become of its plan; null when one of them is deleted. */
export async function chargeById(
  em: EntityManager,
  organizationId: string,
  chargeId: string,
): Promise<ChargeWithMetric | null> {
  const charge = await readerOf(em).findOne(Charge, { id: chargeId, deletedAt: null });
  if (!charge) return null;
  const charges = await chargesOfPlans(em, organizationId, [charge.planId]);
  const charged = charges.find((one) => one.charge.id === chargeId);
  return charged && charged.billableMetric.deletedAt == null ? charged : null;
}
