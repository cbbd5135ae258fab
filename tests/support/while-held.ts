import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager, MikroORM, TransactionEventArgs } from '@mikro-orm/postgresql';
import { sql } from '../../db/sql.ts';
import { until } from './until.ts';

const LIMIT_MS = 20_000;

/**
 * Runs work that must wait for what somebody else has changed and not yet committed: begins the change, then the work,
 * lets the change commit once the work waits for it, and gives the work's result. Work that does not wait is an error:
 * it has missed the change.
 */
export async function whileHeld<T>(
  orm: MikroORM,
  change: (em: EntityManager) => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  // The work is somebody else's: it must not find this transaction in its async context.
  const outside = AsyncLocalStorage.snapshot();
  const running = await orm.em.fork().transactional(async (em) => {
    await change(em);
    const started = outside(work);
    started.catch(() => undefined);
    await untilBlocked(orm, em);
    return { started };
  });
  return running.started;
}

/**
 * Asked in transactions of their own: within one, PostgreSQL shows the connections that there were at the first look.
 */
async function untilBlocked(orm: MikroORM, em: EntityManager): Promise<void> {
  const [holder] = await sql<{ pid: number }>(em, 'select pg_backend_pid() as pid');
  await until(
    async () => {
      const waiting = await sql(orm.em.fork(), 'select 1 from pg_stat_activity where $1 = any(pg_blocking_pids(pid))', [
        holder?.pid,
      ]);
      return waiting.length > 0;
    },
    'somebody waits for this transaction',
    LIMIT_MS,
  );
}

/**
 * The other way round: does the work, and before the first transaction of it commits that has come so far, begins the
 * change and waits until that waits for it.
 *
 * @param hasCome asked, within it, of each transaction that is about to commit.
 */
export async function whileCommitting<T>(
  orm: MikroORM,
  hasCome: (em: EntityManager) => Promise<boolean>,
  change: () => Promise<T>,
  work: () => Promise<unknown>,
): Promise<T> {
  const outside = AsyncLocalStorage.snapshot();
  let changing: Promise<T> | undefined;
  const subscriber = {
    beforeTransactionCommit: async ({ em }: TransactionEventArgs): Promise<void> => {
      if (changing || !(await hasCome(em as EntityManager))) return;
      changing = outside(change);
      changing.catch(() => undefined);
      await untilBlocked(orm, em as EntityManager);
    },
  };
  const events = orm.em.getEventManager();
  events.registerSubscriber(subscriber);
  try {
    await work();
    if (!changing) throw new Error('no transaction has come so far');
    return await changing;
  } finally {
    events.getSubscribers().delete(subscriber);
  }
}
