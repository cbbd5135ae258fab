import type { EntityManager } from '@mikro-orm/postgresql';
import { schemaProblem } from './migrations-pending.ts';
import { missingRights, type Purpose } from './role-rights.ts';

/**
 * What keeps this version from using a database, in one sentence that says what to do; undefined: nothing.
 *
 * @throws what PostgreSQL says when it cannot be asked.
 */
export async function startProblem(
  em: EntityManager,
  databaseUrl: string,
  purpose: Exclude<Purpose, 'migrate'>,
): Promise<string | undefined> {
  // Who may not use the schema sees no table, and would be told to make them.
  return (await missingRights(databaseUrl, purpose)) ?? (await schemaProblem(em));
}
