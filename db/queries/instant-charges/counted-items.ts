import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** A value of a unique count. */
export interface ItemOf {
  readonly ownerId: string;
  readonly value: string;
}

/** Which of these values are there, in one statement. */
export async function presentItems(em: EntityManager, items: readonly ItemOf[]): Promise<readonly ItemOf[]> {
  if (items.length === 0) return [];
  return sql<ItemOf>(
    em,
    `select item.owner_id as "ownerId", item."value"
     from unnest($1::uuid[], $2::text[]) as asked (owner_id, "value")
     join counted_items item on item.owner_id = asked.owner_id and item."value" = asked."value" and item.is_there`,
    [items.map(({ ownerId }) => ownerId), items.map(({ value }) => value)],
  );
}

/** How many values are there, by what they are counted in. */
export async function countsOfItems(
  em: EntityManager,
  ownerIds: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  if (ownerIds.length === 0) return new Map();
  const rows = await sql<{ ownerId: string; count: string }>(
    em,
    `select owner_id as "ownerId", count(*)::text as count from counted_items
     where owner_id = any($1::uuid[]) and is_there group by 1`,
    [ownerIds],
  );
  return new Map(rows.map(({ ownerId, count }) => [ownerId, BigInt(count)]));
}

/** Whether events of a subscription were priced by a charge: then its values are known. */
export async function areItemsKnown(
  em: EntityManager,
  organizationId: string,
  subscriptionId: string,
  chargeId: string,
): Promise<boolean> {
  const [row] = await sql<{ known: boolean }>(
    em,
    `select exists (select from running_usages
                    where organization_id = $1 and subscription_id = $2 and charge_id = $3) as known`,
    [organizationId, subscriptionId, chargeId],
  );
  return row!.known;
}

/** Writes which values are there now, and which are not any more, in one statement. */
export async function writeItems(
  em: EntityManager,
  organizationId: string,
  items: readonly (ItemOf & { readonly isAdded: boolean })[],
): Promise<void> {
  if (items.length === 0) return;
  await sql(
    em,
    `insert into counted_items (owner_id, "value", organization_id, is_there)
     select owner_id, "value", $1, is_there
     from unnest($2::uuid[], $3::text[], $4::boolean[]) as item (owner_id, "value", is_there)
     on conflict (owner_id, "value") do update set is_there = excluded.is_there`,
    [
      organizationId,
      items.map(({ ownerId }) => ownerId),
      items.map(({ value }) => value),
      items.map(({ isAdded }) => isAdded),
    ],
  );
}
