import { heartbeat } from '@temporalio/activity';
import { sql } from '../../db/sql.ts';
import type { ActivityDependencies } from '../dependencies.ts';

const KEPT_FOR = '30 days';
const PAGE = 5000;

/** Deletes acts that were done 30 days ago, page by page. @returns how many. */
export async function deleteOldActs({ orm }: ActivityDependencies): Promise<number> {
  for (let deleted = 0; ;) {
    heartbeat({ deleted });
    const rows = await sql(
      orm.em.fork(),
      `delete from acts where id in (
         select id from acts where state = 'done' and changed_at < clock_timestamp() - $1::interval limit $2)
       returning id`,
      [KEPT_FOR, PAGE],
    );
    deleted += rows.length;
    if (rows.length < PAGE) return deleted;
  }
}
