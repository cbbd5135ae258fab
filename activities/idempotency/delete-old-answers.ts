import { heartbeat } from '@temporalio/activity';
import { deleteOldKeys } from '../../db/queries/idempotency/idempotency-keys.ts';
import type { ActivityDependencies } from '../dependencies.ts';

/** In real time (spec, decisions). */
const KEPT_FOR = '30 days';

/** Answers may be large. */
const PAGE = 500;

/** Deletes the answers that were kept for idempotency keys 30 days ago, page by page. @returns how many. */
export async function deleteOldAnswers({ orm }: ActivityDependencies): Promise<number> {
  for (let deleted = 0; ;) {
    heartbeat({ deleted });
    const page = await deleteOldKeys(orm.em.fork(), KEPT_FOR, PAGE);
    deleted += page;
    if (page < PAGE) return deleted;
  }
}
