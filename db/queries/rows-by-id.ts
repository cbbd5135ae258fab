import type { EntityManager, EntityName } from '@mikro-orm/postgresql';

/**
 * Rows by id, for hot paths, which read sets of rows in fewer statements and with less hydration than finds of
 * entities. What this entity manager has loaded already is taken as it is, as `em.find` would leave it; the others come
 * in one query, and none when nothing is missing.
 *
 * @returns without the ids that no row has.
 */
export async function rowsById<Row extends { readonly id: string }>(
  em: EntityManager,
  entity: EntityName<Row>,
  ids: Iterable<string | null | undefined>,
): Promise<Map<string, Row>> {
  const found = new Map<string, Row>();
  const missing = new Set<string>();
  const known = em.getUnitOfWork();
  for (const id of ids) {
    if (id == null || found.has(id)) continue;
    const row = known.getById<Row>(entity, id as never);
    if (row) found.set(id, row);
    else missing.add(id);
  }
  if (missing.size > 0) {
    const rows = await em.find<Row>(entity, { id: [...missing] } as never);
    for (const row of rows) found.set(row.id, row);
  }
  return found;
}
