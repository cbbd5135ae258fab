import { heartbeat } from '@temporalio/activity';
import { deleteFinishedDeliveries } from '../../db/queries/webhooks/webhook-deliveries.ts';
import type { ActivityDependencies } from '../dependencies.ts';

/** Deliveries are kept for 90 days (spec, api 4.3); they expire after three, from where their age is counted. */
const KEPT_AFTER_EXPIRY = '87 days';
const PAGE = 1000;

/** Deletes finished deliveries of webhooks that are 90 days old, page by page. @returns how many. */
export async function deleteOldWebhooks({ orm, realTime }: ActivityDependencies): Promise<number> {
  for (let deleted = 0; ;) {
    heartbeat({ deleted });
    const page = await deleteFinishedDeliveries(orm.em.fork(), realTime(), KEPT_AFTER_EXPIRY, PAGE);
    deleted += page;
    if (page < PAGE) return deleted;
  }
}
