import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** What an act that is done once for its facts leaves behind (docs/architecture/acts.md, Three guards). */
export interface IdempotencyRecord {
  readonly key: Buffer;
  readonly organizationId: string;
  readonly act: string;
  readonly facts: Readonly<Record<string, string>>;
  /** null: the act made nothing that could be named. */
  readonly resource: RecordedResource | null;
  /** The organization's clock. */
  readonly createdAt: Date;
}

export interface RecordedResource {
  readonly type: string;
  readonly id: string;
}

/** Waits for an act with the same facts that is about to commit. @returns false when it has. */
export async function insertRecord(
  em: EntityManager,
  { key, organizationId, act, facts, resource, createdAt }: IdempotencyRecord,
): Promise<boolean> {
  const rows = await sql(
    em,
    `insert into idempotency_records
       (idempotency_key, organization_id, act, facts, resource_type, resource_id, created_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (idempotency_key) do nothing returning 1 as one`,
    [
      key,
      organizationId,
      act,
      JSON.stringify(facts),
      resource?.type ?? null,
      resource?.id ?? null,
      createdAt.toISOString(),
    ],
  );
  return rows.length > 0;
}

/** What the record of a key names; null: it has no resource; undefined: there is no record. */
export async function resourceOfRecord(em: EntityManager, key: Buffer): Promise<RecordedResource | null | undefined> {
  const [row] = await sql<{ type: string | null; id: string | null }>(
    em,
    'select resource_type as type, resource_id as id from idempotency_records where idempotency_key = $1',
    [key],
  );
  if (!row) return undefined;
  return row.type === null || row.id === null ? null : { type: row.type, id: row.id };
}

/** @returns how many records of the resource there were. */
export async function deleteRecordsOf(
  em: EntityManager,
  organizationId: string,
  resource: RecordedResource,
): Promise<number> {
  const deleted = await sql(
    em,
    `delete from idempotency_records where organization_id = $1 and resource_type = $2 and resource_id = $3
     returning 1 as one`,
    [organizationId, resource.type, resource.id],
  );
  return deleted.length;
}
