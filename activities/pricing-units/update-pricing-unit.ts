import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../billing/refusal.ts';
import { PricingUnit } from '../../db/entities/plans/pricing-unit.ts';
import type { CommandScope } from '../command-scope.ts';
import type { PricingUnitTerms } from './create-pricing-unit.ts';

/**
 * Changes a pricing unit in the caller's transaction; fees keep the names that they were made with (spec, usage 11).
 *
 * @throws Refusal 404 `pricing_unit_not_found`.
 */
export async function updatePricingUnit(
  em: EntityManager,
  { now }: CommandScope,
  code: string,
  terms: Partial<Omit<PricingUnitTerms, 'code'>>,
): Promise<PricingUnit> {
  const unit = await em.findOne(PricingUnit, { code }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!unit) throw notFound('pricing_unit');
  em.assign(unit, { ...terms, updatedAt: now });
  await em.flush();
  return unit;
}
