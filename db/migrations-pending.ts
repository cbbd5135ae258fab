import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { EntityManager } from '@mikro-orm/postgresql';
import { hasCode } from './error-codes.ts';
import { sql } from './sql.ts';

export const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));

/** The migrations that a version brings, by name. */
export async function shippedMigrations(folder: string = MIGRATIONS): Promise<ReadonlySet<string>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts'));
  return new Set(files.map((file) => file.replace(/\.ts$/, '')));
}

/** How the migrations that this version brings and those of a database differ. */
export interface SchemaDifference {
  /** Brought, but not made there yet. */
  readonly missing: readonly string[];
  /** Made there, by a newer version. */
  readonly unknown: readonly string[];
}

const UNDEFINED_TABLE = '42P01';

/** @throws what PostgreSQL says when it cannot be asked. */
export async function schemaDifference(em: EntityManager, folder: string = MIGRATIONS): Promise<SchemaDifference> {
  const shipped = await shippedMigrations(folder);
  const made = await sql<{ name: string }>(em, 'select name from mikro_orm_migrations order by name').catch(
    (error: unknown) => {
      if (hasCode(error, UNDEFINED_TABLE)) return [];
      throw error;
    },
  );
  const done = new Set(made.map(({ name }) => name));
  return {
    missing: [...shipped].filter((name) => !done.has(name)).toSorted(),
    unknown: [...done].filter((name) => !shipped.has(name)),
  };
}

/** Older code on a newer schema could lose money: nothing of it may start. */
export function newerSchemaProblem({ unknown }: SchemaDifference): string | undefined {
  if (unknown.length === 0) return undefined;
  return (
    `The database is newer than this version of durabill (it has ${unknown.join(', ')}): ` +
    'start the version that made it, or a later one.'
  );
}

/**
 * What keeps this version from working on a database; undefined: nothing. Only `npm run migrate` (and `npm start`)
 * changes a schema: an API, a worker or an audit that finds another one than its own must not guess.
 *
 * @throws what PostgreSQL says when it cannot be asked.
 */
export async function schemaProblem(em: EntityManager): Promise<string | undefined> {
  const difference = await schemaDifference(em);
  const { missing } = difference;
  if (missing.length === 0) return newerSchemaProblem(difference);
  return (
    newerSchemaProblem(difference) ??
    `The database lacks ${missing.length} migration(s) (the first is ${missing[0]}): run \`npm run migrate\` ` +
      'before this version is started.'
  );
}
