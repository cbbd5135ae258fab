import { heartbeat } from '@temporalio/activity';
import { sql } from '../../db/sql.ts';
import type { ActivityDependencies } from '../dependencies.ts';

/** In real time (spec, decisions). */
const KEPT_FOR = '30 days';

/** Answers may be large. */
const PAGE = 500;

/** Deletes the answers that were kept for idempotency keys 30 days ago, page by page. @returns how many. */
export async function deleteOldAnswers({ orm }: ActivityDependencies): Promise<number> {
  for (let deleted = 0; ;) {
    heartbeat({ deleted });
    const rows = await sql(
      orm.em.fork(),
      `delete from idempotency_keys where id in (
         select id from idempotency_keys where created_at < clock_timestamp() - $1::interval order by created_at limit $2)
       returning 1 as one`,
      [KEPT_FOR, PAGE],
    );
    deleted += rows.length;
    if (rows.length < PAGE) return deleted;
  }
}
