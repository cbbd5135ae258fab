/**
 * A role without rights is told which, with the statement that mends it (docs/operations.md, The role of DATABASE_URL).
 *
 * @inOrder Each test goes on with the rights that the one before it left.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { migrate } from '../../../db/migrate.ts';
import { missingRights } from '../../../db/role-rights.ts';
import { checkDatabase } from '../../../worker/process/external-servers.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';

/** The quoting of names is part of what is tested. */
const ROLE = `Ann ${randomUUID().slice(0, 8)}`;
const role = `"${ROLE}"`;

async function asOwner(database: TestDatabase, ...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: database.databaseUrl });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

const nameOf = ({ databaseUrl }: TestDatabase): string => new URL(databaseUrl).pathname.slice(1);

function urlOf(database: TestDatabase): string {
  const url = new URL(database.databaseUrl);
  url.username = encodeURIComponent(ROLE);
  return url.href;
}

/** The statement in the sentence, which the owner then runs. */
const remedyOf = (sentence: string | undefined): string => /run `(.*);`/.exec(sentence ?? '')?.[1] ?? 'no statement';

let migrated: TestDatabase;
let empty: TestDatabase;

beforeAll(async () => {
  [migrated, empty] = await Promise.all([testDatabase(), testDatabase({ migrated: false })]);
  await asOwner(migrated, `create role ${role} login`);
});
afterAll(async () => {
  await Promise.all([migrated.drop(), empty.drop()]);
  const again = await testDatabase({ migrated: false });
  await asOwner(again, `drop role ${role}`);
  await again.drop();
});

describe('a role that works', () => {
  test('has to use the schema, and every table; each sentence is mended by its own statement', async () => {
    await asOwner(migrated, 'revoke usage on schema public from public');
    const schema = await missingRights(urlOf(migrated), 'work');
    expect(schema).toBe(
      `The role ${role} of DATABASE_URL may not use the schema public of the database ${nameOf(migrated)}: run \`grant usage on schema public to ${role};\` there, as the owner.`,
    );
    await asOwner(migrated, remedyOf(schema));
    const tables = await missingRights(urlOf(migrated), 'work');
    expect(tables).toMatch(/ may not select, insert, update, delete in the table acts and \d+ others of the database /);
    await asOwner(migrated, remedyOf(tables));
    expect(await missingRights(urlOf(migrated), 'work')).toBeUndefined();
  });

  test('one right to one table is enough to be missed, and needs no right to write what has been migrated', async () => {
    await asOwner(
      migrated,
      `revoke delete on acts from ${role}`,
      `revoke insert, update, delete on mikro_orm_migrations from ${role}`,
    );
    expect(await missingRights(urlOf(migrated), 'work')).toMatch(/ may not delete in the table acts of the database /);
    expect(await missingRights(urlOf(migrated), 'look')).toBeUndefined();
  });

  test('its right to connect is told, too', async () => {
    await asOwner(migrated, `revoke connect on database ${nameOf(migrated)} from public`);
    const refused = await checkDatabase(urlOf(migrated)).then(() => 'let in', String);
    expect(refused).toContain(
      `does not let the role "${ROLE}" into the database "${nameOf(migrated)}": run \`grant connect on database`,
    );
    await asOwner(migrated, remedyOf(refused));
    await checkDatabase(urlOf(migrated));
  });
});

describe('a role that migrates', () => {
  test('has to make tables', async () => {
    await expect(migrate(urlOf(empty))).rejects.toThrow(
      `may not create tables in the schema public of the database ${nameOf(empty)}: run \`grant usage, create on schema public to ${role};\``,
    );
    await asOwner(empty, remedyOf(await missingRights(urlOf(empty), 'migrate')));
    await migrate(urlOf(empty));
  });

  test('has to own the tables that it changes, but only when there is something to change', async () => {
    await asOwner(migrated, `grant create on schema public to ${role}`);
    await migrate(urlOf(migrated));
    await asOwner(
      migrated,
      'delete from mikro_orm_migrations where name = (select max(name) from mikro_orm_migrations)',
    );
    await expect(migrate(urlOf(migrated))).rejects.toThrow(
      / has to change, and does not own, the table acts and \d+ others of the database .*: run `grant durabill to /,
    );
  });
});

test('a server that takes a connection and says nothing keeps nobody waiting', async () => {
  const silent = createServer((socket) => void socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  try {
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    await expect(missingRights(`postgres://ann@127.0.0.1:${port}/durabill`, 'work', 200)).rejects.toThrow(/timeout/);
  } finally {
    silent.close();
  }
});
