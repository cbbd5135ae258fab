import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from './sql.ts';

const folder = fileURLToPath(new URL('./migrations', import.meta.url));

/** The migrations that this version brings. */
export async function shippedMigrations(): Promise<ReadonlySet<string>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts'));
  return new Set(files.map((file) => file.replace(/\.ts$/, '')));
}

const UNDEFINED_TABLE = '42P01';

/**
 * What keeps this version from working on a database; undefined: nothing. Only `npm run migrate` (and `npm start`) changes a
 * schema: an API or a worker that finds another one than its own must not guess.
 *
 * @throws what PostgreSQL says when it cannot be asked.
 */
export async function schemaProblem(em: EntityManager): Promise<string | undefined> {
  const shipped = await shippedMigrations();
  const executed = await sql<{ name: string }>(em, 'select name from mikro_orm_migrations').catch((error: unknown) => {
    if (isUndefinedTable(error)) return [];
    throw error;
  });
  const done = new Set(executed.map(({ name }) => name));
  const missing = [...shipped].filter((name) => !done.has(name));
  if (missing.length > 0) {
    return `The database lacks ${missing.length} migration(s) (the first is ${missing[0]}): run \`npm run migrate\` before this version is started.`;
  }
  return undefined;
}

function isUndefinedTable(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ((current as { code?: unknown }).code === UNDEFINED_TABLE) return true;
  }
  return false;
}
