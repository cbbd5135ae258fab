import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../billing/refusal.ts';
import { BillingEntity } from '../../db/entities/billing-entity.ts';

/**
 * The billing entity that a request names for a subscription; the id wins over the code (spec, subscriptions-and-invoices 2.2).
 *
 * @returns null when it names none.
 * @throws Refusal 404 `billing_entity_not_found`.
 */
export async function billingEntityIdOf(
  em: EntityManager,
  input: {
    readonly billing_entity_id?: string | null | undefined;
    readonly billing_entity_code?: string | null | undefined;
  },
): Promise<string | null> {
  const { billing_entity_id: id, billing_entity_code: code } = input;
  if (!id && !code) return null;
  const entities = await em.find(BillingEntity, {});
  const found = entities.find((entity) => (id ? entity.id === id : entity.code === code));
  if (!found) throw notFound('billing_entity');
  return found.id;
}
