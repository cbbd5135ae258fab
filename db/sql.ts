import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import { microsecondsFromSql, millisecondsOf } from './types/microseconds.ts';

/**
 * Runs one SQL statement with `$1`-style parameters, inside the entity manager's transaction if it has one. For
 * statements that the ORM cannot say: set-based writes, `skip locked`, `on conflict`. The caller scopes it to its
 * organization. Timestamps, bigint and numeric come back as PostgreSQL's text (`instantOf`).
 */
export async function sql<Row extends object>(
  em: EntityManager,
  text: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  const result = await em.getKysely().executeQuery<Row>(CompiledQuery.raw(text, [...parameters]));
  return result.rows;
}

/** An instant from PostgreSQL's text in UTC, `2023-11-14 22:13:20.123+00`; digits beyond milliseconds are cut. */
export function instantOf(text: string): Date;
export function instantOf(text: string | null): Date | null;
export function instantOf(text: string | null): Date | null {
  return text === null ? null : new Date(millisecondsOf(microsecondsFromSql(text)));
}
