import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/*
 * The sealed keys that sign webhooks. Null: there is none yet; undefined: there is no row that could have one. A key
 * that is there is never replaced: of several processes that make one, the first to store it wins.
 */

interface KeyRow {
  readonly key: string | null;
}

export async function findPrivateKey(em: EntityManager): Promise<string | null | undefined> {
  const [row] = await sql<KeyRow>(em, 'select webhook_private_key as key from server where id = 1');
  return row?.key;
}

export async function storePrivateKey(em: EntityManager, sealed: string): Promise<void> {
  await sql(em, 'update server set webhook_private_key = $1 where id = 1 and webhook_private_key is null', [sealed]);
}

export async function findHmacKey(em: EntityManager, organizationId: string): Promise<string | null | undefined> {
  const [row] = await sql<KeyRow>(em, 'select webhook_hmac_key as key from organizations where id = $1', [
    organizationId,
  ]);
  return row?.key;
}

export async function storeHmacKey(em: EntityManager, organizationId: string, sealed: string): Promise<void> {
  await sql(em, 'update organizations set webhook_hmac_key = $2 where id = $1 and webhook_hmac_key is null', [
    organizationId,
    sealed,
  ]);
}
