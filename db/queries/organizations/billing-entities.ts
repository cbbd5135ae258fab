import type { EntityManager } from '@mikro-orm/postgresql';
import { BillingEntity } from '../../entities/billing-entity.ts';

/** Billing entities of the organization by id, for answers that name the entity of many rows. There are only ever a few. */
export async function loadBillingEntities(em: EntityManager): Promise<ReadonlyMap<string, BillingEntity>> {
  const entities = await em.find(BillingEntity, {}, { orderBy: { createdAt: 'asc', id: 'asc' } });
  return new Map(entities.map((entity) => [entity.id, entity]));
}

/** The entity that has this id; every row that names one has it by a foreign key. */
export function entityOf(entities: ReadonlyMap<string, BillingEntity>, id: string): BillingEntity {
  const entity = entities.get(id);
  if (!entity) throw new Error(`billing entity ${id} is not in the organization`);
  return entity;
}
