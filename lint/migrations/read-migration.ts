import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Migration } from '@mikro-orm/migrations';
import type { ReadMigration } from './rules.ts';

/** Stands for the database: a migration that asks it something cannot be read beforehand. */
const noDatabase = new Proxy(
  {},
  {
    get() {
      throw new Error('it asks the database');
    },
  },
);

type MigrationClass = new (...parameters: ConstructorParameters<typeof Migration>) => Migration;

/**
 * Runs a migration's `up` without a database, and gives back what it would do.
 *
 * @throws Error when it does more than give texts to `addSql`.
 */
export async function readMigration(file: string): Promise<ReadMigration> {
  const name = basename(file, '.ts');
  const module = (await import(pathToFileURL(file).href)) as Readonly<Record<string, MigrationClass>>;
  const Class = module[name];
  if (Class === undefined) throw new Error(`${name}: the file must export a class of its name`);
  const migration = new Class(noDatabase as never, noDatabase as never);
  try {
    await migration.up();
  } catch (error) {
    throw new Error(`${name}: cannot be read without a database, ${String(error)}`, { cause: error });
  }
  const statements = migration.getQueries();
  if (!statements.every((statement) => typeof statement === 'string')) {
    throw new Error(`${name}: addSql must be given text`);
  }
  return { name, isTransactional: migration.isTransactional(), statements };
}
