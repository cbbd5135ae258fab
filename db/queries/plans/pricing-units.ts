import type { EntityManager } from '@mikro-orm/postgresql';
import { PricingUnit } from '../../entities/plans/pricing-unit.ts';

/** The pricing units that have these codes or ids; no statement where none is named. */
export async function pricingUnitsOf(
  em: EntityManager,
  { codes, ids }: { readonly codes: readonly string[]; readonly ids: readonly string[] },
): Promise<readonly PricingUnit[]> {
  if (codes.length + ids.length === 0) return [];
  return em.find(PricingUnit, { $or: [{ code: [...new Set(codes)] }, { id: [...new Set(ids)] }] });
}
