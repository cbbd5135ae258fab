import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { MIGRATIONS, newerSchemaProblem, schemaDifference } from './migrations-pending.ts';
import { openOrm } from './orm.ts';
import { missingRights } from './role-rights.ts';

/** Serializes the migrations of processes that start together. */
const MIGRATION_LOCK = 20_261_123;

const LOOK_EVERY_MS = 100;

/** After so long in vain, whoever waits is told what for. */
const SAY_AFTER_MS = 2000;

/**
 * Brings the database to the code's schema, one committed migration after the other; running it again, or in several
 * processes at once, changes nothing.
 *
 * @param folder where the migrations are; tests have their own.
 * @param say is told, once, that another process has the turn.
 * @throws Error with one sentence when the database was migrated by newer code, on which older code could lose money,
 * and when the role may not change the tables.
 */
export async function migrate(
  databaseUrl: string,
  folder: string = MIGRATIONS,
  say: (sentence: string) => void = () => undefined,
): Promise<void> {
  const lock = new Client({ connectionString: databaseUrl, application_name: 'durabill migrate' });
  await lock.connect();
  try {
    await takeTurn(lock, say);
    const orm = await openOrm(databaseUrl, {
      poolSize: 2,
      applicationName: 'durabill migrate',
      migrations: folder,
    });
    try {
      const difference = await schemaDifference(orm.em.fork(), folder);
      const problem =
        newerSchemaProblem(difference) ??
        (difference.missing.length > 0 ? await missingRights(databaseUrl, 'migrate') : undefined);
      if (problem !== undefined) throw new Error(problem);
      if (difference.missing.length > 0) await orm.migrator.up();
    } finally {
      await orm.close();
    }
  } finally {
    await lock.end();
  }
}

/**
 * Waits for other processes by asking again and again. A statement that waits for the lock would have begun before an
 * index that is being built concurrently, and so would be waited for in its turn, for ever.
 */
async function takeTurn(lock: Client, say: (sentence: string) => void): Promise<void> {
  for (let waited = 0; ; waited += LOOK_EVERY_MS) {
    if (waited === SAY_AFTER_MS) say('Another process migrates this database: waiting until it has done so');
    const { rows } = await lock.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [MIGRATION_LOCK]);
    if (rows[0]?.taken) return;
    await wait(LOOK_EVERY_MS);
  }
}
