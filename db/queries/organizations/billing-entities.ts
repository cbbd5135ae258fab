import type { EntityManager } from '@mikro-orm/postgresql';
import { isBlank } from '../../../billing/blank-text.ts';
import { notFound } from '../../../billing/refusal.ts';
import { BillingEntity } from '../../entities/organizations/billing-entity.ts';
import { sql } from '../../sql.ts';

/**
 * Billing entities of the organization by id, for answers that name the entity of many rows. There are only ever a few.
 */
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

/**
 * The entity with this code; without a code, or with a blank one, the default one. @throws Refusal 404
 * `billing_entity_not_found`.
 */
export async function findBillingEntity(em: EntityManager, code: string | null | undefined): Promise<BillingEntity> {
  const entity = await em.findOne(BillingEntity, code == null || isBlank(code) ? { isDefault: true } : { code });
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

/** A billing entity that a request names for a subscription; the id wins over the code. */
export interface NamedBillingEntity {
  readonly id: string | null;
  readonly code: string | null;
}

/**
 * The id of the billing entity that a request names for a subscription (spec, subscriptions-and-invoices 2.2).
 *
 * @returns null when it names none.
 * @throws Refusal 404 `billing_entity_not_found`.
 */
export async function billingEntityIdOf(em: EntityManager, { id, code }: NamedBillingEntity): Promise<string | null> {
  if (!id && !code) return null;
  const entities = await em.find(BillingEntity, {});
  const found = entities.find((entity) => (id ? entity.id === id : entity.code === code));
  if (!found) throw notFound('billing_entity');
  return found.id;
}

/** How long a change waits for the invoices that are just being numbered, and for another change. */
const LOCK_WAIT = '2s';

/**
 * An entity as it is once nobody else changes it, until the end of the transaction; its logo is loaded. No change
 * passes between an invoice's number and its commit (`activities/invoices/entity-numbering.ts`). Rows that reference
 * the entity do not wait: new customers, new invoices.
 *
 * @param code null: the default one.
 * @throws Refusal 404 `billing_entity_not_found`.
 */
export async function holdBillingEntity(
  em: EntityManager,
  organizationId: string,
  code: string | null,
): Promise<BillingEntity> {
  await sql(em, `select set_config('lock_timeout', $1, true)`, [LOCK_WAIT]);
  const [row] = await sql<{ id: string }>(
    em,
    `select id from billing_entities where organization_id = $1
       and case when $2::text is null then is_default else code = $2 end
     for no key update`,
    [organizationId, code],
  );
  if (!row) throw notFound('billing_entity');
  return em.findOneOrFail(BillingEntity, { id: row.id }, { refresh: true, populate: ['logoUrl'] });
}
