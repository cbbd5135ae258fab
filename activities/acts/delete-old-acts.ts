import { heartbeat } from '@temporalio/activity';
import { deleteDoneActs } from '../../db/acts/delete-acts.ts';
import type { ActivityDependencies } from '../dependencies.ts';

const KEPT_FOR = '30 days';
const PAGE = 5000;

/** Deletes acts that were done 30 days ago, page by page. @returns how many. */
export async function deleteOldActs({ orm }: ActivityDependencies): Promise<number> {
  for (let deleted = 0; ;) {
    heartbeat({ deleted });
    const page = await deleteDoneActs(orm.em.fork(), KEPT_FOR, PAGE);
    deleted += page;
    if (page < PAGE) return deleted;
  }
}
