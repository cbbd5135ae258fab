import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../sql.ts';

/** Deletes acts that were done so long ago in real time, an SQL interval. @returns how many, `limit` at most. */
export async function deleteDoneActs(em: EntityManager, keptFor: string, limit: number): Promise<number> {
  const rows = await sql(
    em,
    `delete from acts where id in (
       select id from acts where state = 'done' and changed_at < clock_timestamp() - $1::interval limit $2)
     returning id`,
    [keptFor, limit],
  );
  return rows.length;
}
