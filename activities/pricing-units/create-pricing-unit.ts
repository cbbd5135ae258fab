import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { PricingUnit } from '../../db/entities/plans/pricing-unit.ts';
import type { CommandScope } from '../command-scope.ts';
import { refuseTakenCode } from '../refuse-taken-code.ts';

/** A pricing unit as it is asked for. */
export interface PricingUnitTerms {
  readonly name: string;
  /** Unique in the organization, and never another. */
  readonly code: string;
  readonly shortName: string;
  readonly description: string | null;
}

/**
 * Creates a pricing unit in the caller's transaction (spec, usage 11).
 *
 * @throws Refusal 422 `code: value_already_exist`.
 */
export async function createPricingUnit(
  em: EntityManager,
  { organizationId, now }: CommandScope,
  terms: PricingUnitTerms,
): Promise<PricingUnit> {
  await refuseTakenCode(em, PricingUnit, { code: terms.code });
  const unit = em.create(PricingUnit, { id: v7(), organizationId, ...terms, createdAt: now, updatedAt: now });
  await em.flush();
  return unit;
}
