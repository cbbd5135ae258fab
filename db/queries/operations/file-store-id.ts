import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** Which store of files the worker that started last has; null: none has started. */
export async function fileStoreId(em: EntityManager): Promise<string | null> {
  const [server] = await sql<{ id: string | null }>(em, 'select file_store_id as id from server where id = 1');
  return server?.id ?? null;
}

/** Notes which store of files a worker has. */
export async function noteFileStoreId(em: EntityManager, id: string): Promise<void> {
  await sql(em, 'update server set file_store_id = $1 where id = 1', [id]);
}
