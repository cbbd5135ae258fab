import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { sql } from '../../db/sql.ts';
import { until } from './until.ts';

/** Longer than any statement takes, shorter than what waits for a lock gives up after. */
const LIMIT_MS = 1800;

/**
 * Runs work that must wait for what somebody else has changed and not yet committed: begins the change, then the work, lets the
 * change commit once the work waits for it, and gives the work's result. Work that does not wait is an error: it has missed the
 * change.
 */
export async function whileHeld<T>(
  orm: MikroORM,
  change: (em: EntityManager) => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  const running = await orm.em.fork().transactional(async (em) => {
    await change(em);
    const started = work();
    started.catch(() => undefined);
    await untilBlocked(em, LIMIT_MS);
    return { started };
  });
  return running.started;
}

/** Waits until somebody waits for what the given transaction holds. */
export async function untilBlocked(em: EntityManager, limitMs?: number): Promise<void> {
  await until(
    async () => {
      const waiting = await sql(
        em,
        `select 1 from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and pg_backend_pid() = any(pg_blocking_pids(pid))`,
      );
      return waiting.length > 0;
    },
    'somebody waits for this transaction',
    limitMs,
  );
}
