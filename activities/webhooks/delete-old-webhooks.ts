import { heartbeat } from '@temporalio/activity';
import { sql } from '../../db/sql.ts';
import type { ActivityDependencies } from '../dependencies.ts';

/** Deliveries are kept for 90 days (spec, api 4.3); they expire after three, from where their age is counted. */
const KEPT_AFTER_EXPIRY = '87 days';
const PAGE = 1000;

/** Deletes finished deliveries of webhooks that are 90 days old, page by page. @returns how many. */
export async function deleteOldWebhooks({ orm, realTime }: ActivityDependencies): Promise<number> {
  for (let deleted = 0; ;) {
    heartbeat({ deleted });
    const rows = await sql(
      orm.em.fork(),
      `delete from webhooks where id in (
         select id from webhooks where place = 'left' and expires_at < $1::timestamptz - $2::interval limit $3)
       returning id`,
      [realTime().toISOString(), KEPT_AFTER_EXPIRY, PAGE],
    );
    deleted += rows.length;
    if (rows.length < PAGE) return deleted;
  }
}
