import { Client } from 'pg';
import { shippedMigrations } from './migrations-pending.ts';
import { openOrm } from './orm.ts';

/** Serializes the migrations of processes that start together. */
const MIGRATION_LOCK = 20_261_123;

/**
 * Brings the database to the code's schema; running it again, or in several processes at once, changes nothing.
 *
 * @throws Error when the database was migrated by newer code: running older code on it could lose money.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const lock = new Client({ connectionString: databaseUrl, application_name: 'durabill migrate' });
  await lock.connect();
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const orm = await openOrm(databaseUrl, { poolSize: 2, applicationName: 'durabill migrate' });
    try {
      const shipped = await shippedMigrations();
      const unknown = (await orm.migrator.getExecuted()).map((row) => row.name).filter((name) => !shipped.has(name));
      if (unknown.length > 0) {
        throw new Error(
          `The database is newer than this version of durabill (it has ${unknown.join(', ')}): start the version that made it, or a later one.`,
        );
      }
      await orm.migrator.up();
    } finally {
      await orm.close();
    }
  } finally {
    await lock.end();
  }
}
