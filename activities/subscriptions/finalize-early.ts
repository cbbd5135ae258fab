import type { EntityManager } from '@mikro-orm/postgresql';
import { bringDraftsForward, type EarlyDrafts } from '../../db/acts/early-drafts.ts';

/** Drafts that one call brings forward at most: it stays well below its time limit. */
const LIMIT = 1000;

/**
 * Has the drafts of what is ended made final at a moment, those whose day comes sooner then. Calculated from zero at
 * that moment, each is refreshed by it. May run any number of times.
 *
 * @param at null: now, whatever moment the organization's clock shows.
 * @returns whether there may be more of them.
 */
export const finalizeEarly = async (em: EntityManager, ended: EarlyDrafts, at: Date | null): Promise<boolean> =>
  (await bringDraftsForward(em, ended, at, LIMIT)) === LIMIT;
