import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { instantOf, sql } from '../../sql.ts';

/** Who may repeat a request, and by what. */
export interface KeyOwner {
  /** null: the operator. */
  readonly organizationId: string | null;
  readonly key: string;
}

/** What a key stands for. */
export interface KeptKey {
  /** Of the request. */
  readonly fingerprint: Buffer;
  /** When the request first came. */
  readonly cameAt: Date;
  /** null: it has begun, and nobody has an answer yet. */
  readonly answer: KeptAnswer | null;
}

export interface KeptAnswer {
  readonly status: number;
  readonly body: string;
  readonly sealed: boolean;
  readonly workflowId: string | null;
}

/** What a key stands for; undefined: nothing yet. */
export async function findKey(em: EntityManager, { organizationId, key }: KeyOwner): Promise<KeptKey | undefined> {
  const [row] = await sql<{
    readonly fingerprint: Buffer;
    readonly cameAt: string;
    readonly status: number | null;
    readonly body: string | null;
    readonly sealed: boolean;
    readonly workflowId: string | null;
  }>(
    em,
    `select fingerprint, created_at as "cameAt", status, body, sealed, workflow_id as "workflowId" from idempotency_keys
     where organization_id is not distinct from $1::uuid and key = $2`,
    [organizationId, key],
  );
  if (!row) return undefined;
  const { fingerprint, status, body, sealed, workflowId } = row;
  const answer = status === null || body === null ? null : { status, body, sealed, workflowId };
  return { fingerprint, cameAt: instantOf(row.cameAt), answer };
}

/**
 * Notes that a request has begun, unless its key stands for something already.
 *
 * @param ageMs how long ago it came. The moment is told by the database's clock, by which others are told.
 */
export async function noteBegun(
  em: EntityManager,
  { organizationId, key }: KeyOwner,
  fingerprint: Buffer,
  ageMs: number,
): Promise<void> {
  await sql(
    em,
    `insert into idempotency_keys (id, organization_id, key, fingerprint, created_at)
     values ($1, $2, $3, $4, clock_timestamp() - make_interval(secs => $5::float / 1000))
     on conflict (organization_id, key) do nothing`,
    [v7(), organizationId, key, fingerprint, ageMs],
  );
}

/**
 * Keeps a request's answer for its key, in real time: a key is for whoever repeats a request, whatever their test clock
 * says.
 *
 * @returns false when the key has an answer, or stands for another request: nothing is changed.
 */
export async function keepAnswer(
  em: EntityManager,
  { organizationId, key }: KeyOwner,
  fingerprint: Buffer,
  { status, body, sealed, workflowId }: KeptAnswer,
): Promise<boolean> {
  const kept = await sql(
    em,
    `insert into idempotency_keys (id, organization_id, key, fingerprint, status, workflow_id, body, sealed, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp())
     on conflict (organization_id, key) do update
       set status = excluded.status, workflow_id = excluded.workflow_id, body = excluded.body, sealed = excluded.sealed
       where idempotency_keys.status is null and idempotency_keys.fingerprint = excluded.fingerprint
     returning 1 as one`,
    [v7(), organizationId, key, fingerprint, status, workflowId, body, sealed],
  );
  return kept.length > 0;
}

/**
 * Takes the lock of whoever works for a key, to the end of the transaction, which a server that is gone without a word
 * does not outlive for long (`db/orm.ts`).
 *
 * @returns false when somebody else has it.
 */
export async function tryLockKey(em: EntityManager, lockName: string): Promise<boolean> {
  const [row] = await sql<{ locked: boolean }>(
    em,
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as locked',
    [lockName],
  );
  return row?.locked === true;
}

/** Deletes the oldest keys that came longer ago, in real time. @param keptFor an SQL interval. @returns how many. */
export async function deleteOldKeys(em: EntityManager, keptFor: string, limit: number): Promise<number> {
  const deleted = await sql(
    em,
    `delete from idempotency_keys where id in (
       select id from idempotency_keys where created_at < clock_timestamp() - $1::interval order by created_at limit $2)
     returning 1 as one`,
    [keptFor, limit],
  );
  return deleted.length;
}
