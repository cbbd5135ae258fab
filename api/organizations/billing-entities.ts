import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../billing/refusal.ts';
import { BillingEntity } from '../../db/entities/billing-entity.ts';

/** The entity with this code; without a code, or with a blank one, the default one. @throws Refusal 404 `billing_entity_not_found`. */
export async function findBillingEntity(em: EntityManager, code: string | null | undefined): Promise<BillingEntity> {
  const entity = await em.findOne(BillingEntity, code == null || code.trim() === '' ? { isDefault: true } : { code });
  if (!entity) throw notFound('billing_entity');
  return entity;
}

/**
 * Ids of the entities with these codes, for the filter `billing_entity_codes[]` of lists.
 *
 * @returns undefined without any code: no filter.
 * @throws Refusal 404 `billing_entity_not_found` for an unknown code (spec, api 1.4).
 */
export async function billingEntityIdsOf(
  em: EntityManager,
  codes: readonly string[] | undefined,
): Promise<string[] | undefined> {
  const asked = new Set(codes?.filter(Boolean));
  if (asked.size === 0) return undefined;
  const entities = await em.find(BillingEntity, { code: { $in: [...asked] } });
  if (entities.length < asked.size) throw notFound('billing_entity');
  return entities.map((entity) => entity.id);
}
