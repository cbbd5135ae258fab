import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { databaseOf, sharedServer } from './shared-servers.ts';

export interface TestDatabase {
  readonly databaseUrl: string;
  /** Deletes the database; connections to it are cut. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** `false`: without any table, for tests of the migrations. */
  readonly migrated?: boolean;
}

/** A database of the test file's own on the run's PostgreSQL, migrated, without rows. */
export async function testDatabase({ migrated = true }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { adminUrl, template } = await sharedServer('postgres');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await execute(adminUrl, `create database ${name} template ${migrated ? template : 'template0'}`);
  return {
    databaseUrl: databaseOf(adminUrl, name),
    drop: () => execute(adminUrl, `drop database if exists ${name} with (force)`),
  };
}

/** A copy of a database that nobody is connected to. */
export async function copiedDatabase(original: TestDatabase): Promise<TestDatabase> {
  const { adminUrl } = await sharedServer('postgres');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const template = new URL(original.databaseUrl).pathname.slice(1);
  await execute(adminUrl, `create database ${name} template ${template}`);
  return {
    databaseUrl: databaseOf(adminUrl, name),
    drop: () => execute(adminUrl, `drop database if exists ${name} with (force)`),
  };
}

async function execute(adminUrl: string, statement: string): Promise<void> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(statement);
  } finally {
    await admin.end();
  }
}
