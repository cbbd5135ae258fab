import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** Counts a change of a billing entity's settings. @returns its number, which tells the entity's changes apart. */
export async function nextSettingsVersion(
  em: EntityManager,
  { id, organizationId }: { readonly id: string; readonly organizationId: string },
): Promise<number> {
  const [row] = await sql<{ version: number }>(
    em,
    `update billing_entities set settings_version = settings_version + 1 where id = $1 and organization_id = $2
     returning settings_version as version`,
    [id, organizationId],
  );
  return row?.version ?? 0;
}

/** Holds settings and taxes of billing entities against changes until the end of the transaction. */
export async function holdSettings(em: EntityManager, billingEntityIds: readonly string[]): Promise<void> {
  await sql(em, 'select 1 from billing_entities where id = any($1::uuid[]) order by id for share', [billingEntityIds]);
}
