/**
 * @inOrder Each test goes on with what the one before it left.
 */
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Client } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../scripts/up/embedded-postgres.ts';
import { isRunning } from '../../scripts/up/process-status.ts';
import { openOrm } from '../../db/orm.ts';
import { sql } from '../../db/sql.ts';
import { checkDatabase } from '../../worker/process/external-servers.ts';
import { makeCertificate, type Certificate } from '../support/servers/certificate.ts';
import { recordProcess } from '../support/processes/process-record.ts';
import { runFolder } from '../support/processes/run-folder.ts';
import { sealPostgres, sealedUrl } from '../support/servers/tls-postgres.ts';
import { until } from '../support/until.ts';

let dataDirectory: string;
let postgres: EmbeddedPostgres;

const start = async (): Promise<EmbeddedPostgres> => {
  postgres = await startEmbeddedPostgres({ dataDirectory });
  recordProcess(runFolder(), postgres.pid);
  return postgres;
};

async function ask(databaseUrl: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  dataDirectory = mkdtempSync(join(runFolder(), 'embedded-postgres-'));
  chmodSync(dataDirectory, 0o755);
  await start();
});
afterAll(() => postgres.stop());

test('makes the database "durabill", in UTF-8 and UTC', async () => {
  expect(postgres.adopted).toBe(false);
  expect(postgres.version).toMatch(/^18\./);
  const rows = await ask(
    postgres.databaseUrl,
    `select current_database() as name, current_setting('server_encoding') as encoding,
       current_setting('timezone') as zone, current_setting('listen_addresses') as listens`,
  );
  expect(rows).toEqual([{ name: 'durabill', encoding: 'UTF8', zone: 'UTC', listens: '127.0.0.1' }]);
});

test('analyzes a table soon after its first rows, without being asked', async () => {
  // Fewer than PostgreSQL itself would analyze a table for.
  await ask(postgres.databaseUrl, 'create table counted as select generate_series(1, 30) as number');
  const analyzed = `select reltuples as rows from pg_class where relname = 'counted' and reltuples > 0`;
  await until(async () => (await ask(postgres.databaseUrl, analyzed)).length === 1, 'the table is analyzed');
  expect(await ask(postgres.databaseUrl, analyzed)).toEqual([{ rows: 30 }]);
});

test('takes over the server that still runs', async () => {
  const { pid, port } = postgres;
  expect(await start()).toMatchObject({ adopted: true, pid, port });
});

test('comes back after kill -9 on its port, with everything committed', async () => {
  await ask(postgres.databaseUrl, 'create table kept as select 1 as value');
  const { port, identity } = postgres;
  process.kill(identity.pid, 'SIGKILL');
  expect(await start()).toMatchObject({ adopted: false, port });
  expect(postgres.pid).not.toBe(identity.pid);
  expect(await ask(postgres.databaseUrl, 'select value from kept')).toEqual([{ value: 1 }]);
});

test('a lock file that names a stranger does not keep it from starting', async () => {
  await postgres.stop();
  const file = join(dataDirectory, 'postgres', 'cluster', 'postmaster.pid');
  writeFileSync(file, `${process.pid}\n${join(dataDirectory, 'postgres', 'cluster')}\n0\n${postgres.port}\n`);
  expect(await start()).toMatchObject({ adopted: false });
  expect(readFileSync(file, 'utf8')).toContain(`${postgres.pid}\n`);
});

test('goes to another port when its own is taken, and stays there', async () => {
  const { port, identity } = postgres;
  await postgres.stop();
  expect(isRunning(identity)).toBe(false);
  const stranger = createServer().listen(port, '127.0.0.1');
  await once(stranger, 'listening');
  const moved = await start();
  expect(moved.port).not.toBe(port);
  await moved.stop();
  stranger.close();
  await once(stranger, 'close');
  expect(await start()).toMatchObject({ port: moved.port });
});

test('stopping twice is fine', async () => {
  await postgres.stop();
  await postgres.stop();
  expect(isRunning(postgres.identity)).toBe(false);
  await start();
});

describe('what DATABASE_URL may name', () => {
  const urlAs = (change: (url: URL) => void): string => {
    const url = new URL(postgres.databaseUrl);
    change(url);
    return url.href;
  };

  /** The first line of pg_hba.conf that fits decides. */
  const askForPasswordOf = async (user: string): Promise<void> => {
    await ask(postgres.adminUrl, `create user ${user} password 'right'`);
    const [row] = (await ask(postgres.adminUrl, 'show hba_file')) as { hba_file: string }[];
    const file = row?.hba_file ?? '';
    writeFileSync(file, `host all ${user} 127.0.0.1/32 scram-sha-256\n${readFileSync(file, 'utf8')}`);
    await ask(postgres.adminUrl, 'select pg_reload_conf()');
  };

  test('a PostgreSQL that answers', async () => {
    expect(await checkDatabase(postgres.databaseUrl)).toEqual({ version: postgres.version });
  });

  test('no such database', async () => {
    const url = urlAs((other) => (other.pathname = '/other'));
    await expect(checkDatabase(url)).rejects.toThrow(
      `PostgreSQL at 127.0.0.1:${postgres.port} has no database "other": create it, or correct DATABASE_URL.`,
    );
  });

  test('no such user, or a wrong password, which is not repeated', async () => {
    await askForPasswordOf('ann');
    const wrong = checkDatabase(urlAs((url) => Object.assign(url, { username: 'ann', password: 'wrong-word' })));
    await expect(wrong).rejects.toThrow(
      /^PostgreSQL at \S+ refused the user "ann" \(.*\): correct the user or the pass/,
    );
    await expect(wrong).rejects.not.toThrow(/wrong-word/);
    const none = checkDatabase(urlAs((url) => Object.assign(url, { username: 'ann' })));
    await expect(none).rejects.toThrow(/ asks for the password of "ann": add it to DATABASE_URL\.$/);
    const nobody = checkDatabase(urlAs((url) => Object.assign(url, { username: 'bob' })));
    await expect(nobody).rejects.toThrow(/ refused the user "bob"/);
    const right = checkDatabase(urlAs((url) => Object.assign(url, { username: 'ann', password: 'right' })));
    expect(await right).toEqual({ version: postgres.version });
  });

  describe('a server that wants TLS, with a certificate of its own', () => {
    let certificate: Certificate;
    const orms: MikroORM[] = [];

    beforeAll(async () => {
      certificate = makeCertificate(mkdtempSync(join(runFolder(), 'certificate-')));
      await sealPostgres(postgres.adminUrl, certificate);
      await ask(postgres.databaseUrl, 'create table written (value int primary key)');
      await ask(postgres.databaseUrl, 'grant select, insert on written to sealed, open');
    });
    afterAll(() => Promise.all(orms.map((orm) => orm.close())));

    const open = async (databaseUrl: string): Promise<MikroORM> => {
      const orm = await openOrm(databaseUrl, { poolSize: 4 });
      orms.push(orm);
      return orm;
    };

    test.each(['sealed', 'open'] as const)('as %s: what looks at it and what works with it speak TLS', async (role) => {
      const url = sealedUrl(postgres.databaseUrl, role, certificate);
      expect(await checkDatabase(url)).toEqual({ version: postgres.version });
      const orm = await open(url);
      const spoken = await sql<{ ssl: boolean }>(
        orm.em.fork(),
        'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
      );
      expect(spoken).toEqual([{ ssl: true }]);
      await expect(checkDatabase(url.replace(/\?.*$/, ''))).rejects.toThrow(/ cannot be used|refused the user/);
    });

    test('kill -9 under load: what was answered is there, once, and the pool works on by itself', async () => {
      const orm = await open(sealedUrl(postgres.databaseUrl, 'sealed', certificate));
      const answered: number[] = [];
      const failures: unknown[] = [];
      let next = 0;
      let over = false;
      const write = async (): Promise<void> => {
        while (!over) {
          const value = next++;
          await orm.em
            .fork()
            .transactional((em) => sql(em, 'insert into written (value) values ($1)', [value]))
            .then(
              () => answered.push(value),
              (error: unknown) => failures.push(error),
            );
        }
      };
      const load = Promise.all(Array.from({ length: 8 }, write));
      try {
        await until(() => answered.length > 50, 'it is written');
        for (let restart = 0; restart < 2; restart += 1) {
          process.kill(postgres.identity.pid, 'SIGKILL');
          await start();
          const before = answered.length;
          await until(() => answered.length > before + 50, 'it is written again');
        }
      } finally {
        over = true;
        await load;
      }
      const rows = (await ask(postgres.databaseUrl, 'select value from written')) as { value: number }[];
      const stored = new Set(rows.map(({ value }) => value));
      expect(answered.filter((value) => !stored.has(value))).toEqual([]);
      expect(rows.length).toBe(stored.size);
      // Nothing but that the server was away: each would be a 503, and tried again by an activity.
      const told = failures.map((error) => `${(error as { code?: string }).code ?? ''} ${String(error)}`);
      const away = /ECONNREFUSED|ECONNRESET|EPIPE|Connection terminated|57P0\d|the database system is/;
      expect(told.length).toBeGreaterThan(0);
      expect(told.filter((text) => !away.test(text))).toEqual([]);
    });
  });

  test('nobody there', async () => {
    const url = urlAs((other) => (other.port = '9'));
    await expect(checkDatabase(url)).rejects.toThrow(
      'No PostgreSQL answers at 127.0.0.1:9: start it there, or correct',
    );
  });

  test('a server that is too old', async () => {
    const old = createServer((socket) => {
      socket.once('data', () => {
        socket.write(Buffer.concat([message('R', int32(0)), message('Z', Buffer.from('I'))]));
        socket.once('data', () => {
          socket.write(
            Buffer.concat([
              message(
                'T',
                int16(1),
                text('server_version'),
                int32(0),
                int16(0),
                int32(25),
                int16(-1),
                int32(-1),
                int16(0),
              ),
              message('D', int16(1), int32(4), Buffer.from('14.9')),
              message('C', text('SHOW')),
              message('Z', Buffer.from('I')),
            ]),
          );
        });
      });
    }).listen(0, '127.0.0.1');
    await once(old, 'listening');
    const address = old.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await expect(checkDatabase(`postgres://durabill@127.0.0.1:${port}/durabill`)).rejects.toThrow(
      `PostgreSQL at 127.0.0.1:${port} (DATABASE_URL) is version 14.9: durabill needs 15 or newer.`,
    );
    old.close();
  });
});

// PostgreSQL's messages: a letter, the length of the rest with itself, the rest.
const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.from(`${value}\0`);
const message = (letter: string, ...fields: Buffer[]): Buffer => {
  const body = Buffer.concat(fields);
  return Buffer.concat([Buffer.from(letter), int32(body.length + 4), body]);
};
