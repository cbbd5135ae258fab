import type { MikroORM } from '@mikro-orm/postgresql';
import type { Client } from 'pg';

/*
 * What is asked of a PostgreSQL server itself, before any table is there, or whatever is in them.
 */

/** Such as `18.4`, or `17.2 (Debian 17.2-1)`. */
export async function serverVersion(client: Client): Promise<string> {
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  return rows[0]?.server_version ?? '';
}

/** Where the server keeps its files: by it one's own server is told from another's on the same port. */
export async function dataDirectoryOf(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ folder: string }>(`select current_setting('data_directory') as folder`);
  return rows[0]?.folder;
}

/** Makes a database if it is absent; the name is one of ours, and needs no quotes. */
export async function makeDatabase(client: Client, name: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
  if (rowCount === 0) await client.query(`create database ${name}`);
}

/** Whether somebody has made a table in this database. */
export async function hasTables(client: Client): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from pg_class where relkind = 'r' and relnamespace not in (
       select oid from pg_namespace where nspname like 'pg\\_%' or nspname = 'information_schema') limit 1`,
  );
  return rowCount !== 0;
}

/** Resolves when the database answers, on a connection of its own: no request's transaction is in the way. */
export async function pingDatabase(orm: Pick<MikroORM, 'em'>): Promise<void> {
  await orm.em.fork().execute('select 1');
}
