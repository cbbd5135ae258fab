import { Client } from 'pg';
import { newerSchemaProblem, schemaDifference } from './migrations-pending.ts';
import { openOrm } from './orm.ts';
import { missingRights } from './role-rights.ts';

/** Serializes the migrations of processes that start together. */
const MIGRATION_LOCK = 20_261_123;

/**
 * Brings the database to the code's schema; running it again, or in several processes at once, changes nothing.
 *
 * @throws Error with one sentence when the database was migrated by newer code, on which older code could lose money, and when
 * the role may not change the tables.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const lock = new Client({ connectionString: databaseUrl, application_name: 'durabill migrate' });
  await lock.connect();
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const orm = await openOrm(databaseUrl, { poolSize: 2, applicationName: 'durabill migrate' });
    try {
      const difference = await schemaDifference(orm.em.fork());
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
