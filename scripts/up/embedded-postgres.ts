import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { dataDirectoryOf, makeDatabase, serverVersion } from '../../db/postgres-server.ts';
import { freePort } from '../../worker/process/free-port.ts';
import { preparePostgresHome, type PostgresHome } from './postgres-home.ts';
import { identifyProcess, killHard, processesWorkingIn, waitForEnd, type ProcessIdentity } from './process-status.ts';
import { recall, remember } from './remembered.ts';
import { runProgram, type ProgramResult } from './run-program.ts';

const USER = 'durabill';
const DATABASE = 'durabill';
const USUAL_PORT = 54_329;
const START_ATTEMPTS_MAX = 40;
const START_LIMIT_SECONDS = 120;
const STOP_LIMIT_SECONDS = 30;
/** A server that answers nobody for this long is stopped hard and started again. */
const ANSWER_LIMIT_MS = 60_000;
const LOG_BYTES_MAX = 20_000_000;

/**
 * Has tables analyzed within seconds of their first rows and not after a minute: until then the planner looks customers
 * and subscriptions up through an index that makes it read all of their organization's. Looking each second would cost
 * 1 % of a core for ever, looking each 5 seconds costs 0.3 %. docker-compose.yml has the same.
 */
export const EARLY_STATISTICS = ['autovacuum_naptime=5s', 'autovacuum_analyze_threshold=20'] as const;

const SETTINGS = [
  'shared_buffers=256MB',
  'max_wal_size=2GB',
  'wal_compression=on',
  'max_connections=200',
  'timezone=UTC',
  'log_timezone=UTC',
  ...EARLY_STATISTICS,
];

export interface EmbeddedPostgresOptions {
  /** Where its files are kept; made if absent. */
  readonly dataDirectory: string;
  /** On this port or not at all; by default the port of the last start, the usual one, or any free one. */
  readonly port?: number;
  /** Settings of a measure, `name=value`, which win over ours. */
  readonly settings?: readonly string[];
  /** Told of what takes longer than a moment. */
  readonly onProgress?: (text: string) => void;
}

export interface EmbeddedPostgres {
  /** The database "durabill", made if absent. */
  readonly databaseUrl: string;
  /** The maintenance database "postgres", as superuser. */
  readonly adminUrl: string;
  readonly port: number;
  readonly pid: number;
  readonly identity: ProcessIdentity;
  /** Such as 18.4. */
  readonly version: string;
  /** It was still running and was taken over. */
  readonly adopted: boolean;
  /** Ends it: clients are disconnected, everything committed is on disk. Ending it twice is fine. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL of a data folder, or takes over the one that still runs there. It listens on 127.0.0.1 only,
 * outlives this process, and recovers by itself from kill -9. Not for two callers at once on one folder.
 *
 * @throws Error with one sentence that says what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  mkdirSync(options.dataDirectory, { recursive: true });
  const dataDirectory = realpathSync(options.dataDirectory);
  const home = await preparePostgresHome(dataDirectory);
  if (!existsSync(join(home.cluster, 'PG_VERSION'))) {
    options.onProgress?.('making a new database');
    await initialize(home);
  }
  const running = await adopt(home, options.onProgress);
  const { port, pid } = running ?? (await start(home, join(dataDirectory, 'postgres.json'), options));
  const adminUrl = urlOf(port, 'postgres');
  const version = await makeOurDatabase(adminUrl);
  return {
    databaseUrl: urlOf(port, DATABASE),
    adminUrl,
    port,
    pid,
    identity: identifyProcess(pid) ?? { pid, startedAt: '' },
    version,
    adopted: running !== undefined,
    stop: () => stop(home),
  };
}

const urlOf = (port: number, database: string) => `postgres://${USER}@127.0.0.1:${port}/${database}`;

/** Neither our settings nor the user's (PGPORT, PGDATA, a language) may reach the server. */
const serverEnvironment = () => ({ PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' });

function run(home: PostgresHome, program: string, programArguments: readonly string[]): Promise<ProgramResult> {
  return runProgram(program, programArguments, { user: home.user, environment: serverEnvironment() }).catch(
    (error: unknown) => {
      throw new Error(`PostgreSQL cannot run on this machine (${String(error)}): set DATABASE_URL instead.`, {
        cause: error,
      });
    },
  );
}

/** Into a draft that is renamed: initdb killed half-way leaves a folder which looks like a database. */
async function initialize(home: PostgresHome): Promise<void> {
  const folder = dirname(home.cluster);
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${basename(home.cluster)}.`)) rmSync(join(folder, name), { recursive: true });
  }
  const draft = `${home.cluster}.new`;
  const { exitCode, output } = await run(home, home.initdb, [
    '-D',
    draft,
    '-U',
    USER,
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ]);
  if (exitCode !== 0) {
    throw new Error(`PostgreSQL could not make its database in ${folder}: ${lastLines(output, 3)}`);
  }
  renameSync(draft, home.cluster);
}

interface Running {
  readonly port: number;
  readonly pid: number;
}

/** What the server's own lock file says; it may be of a server long dead. */
function readLockFile(home: PostgresHome): Running | undefined {
  try {
    const lines = readFileSync(join(home.cluster, 'postmaster.pid'), 'utf8').split('\n');
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    return pid > 0 && port > 0 ? { pid, port } : undefined;
  } catch {
    return undefined;
  }
}

/** The server that still runs on this cluster; undefined when there is none, and then none of its processes is left. */
async function adopt(home: PostgresHome, onProgress?: (text: string) => void): Promise<Running | undefined> {
  const locked = readLockFile(home);
  const identity = locked && identifyProcess(locked.pid);
  if (locked && identity) {
    const end = performance.now() + ANSWER_LIMIT_MS;
    let told = false;
    while (identifyProcess(identity.pid)?.startedAt === identity.startedAt && performance.now() < end) {
      if (await answers(locked.port, home.cluster)) return locked;
      // Only a connection proves that it lives: the number in the lock file may by now be another program's.
      if (!belongsTo(identity, home)) break;
      if (!told) onProgress?.('waiting for the running server to answer');
      told = true;
      await wait(100);
    }
  }
  await removeRemains(home);
  return undefined;
}

function belongsTo(identity: ProcessIdentity, home: PostgresHome): boolean {
  if (process.platform !== 'linux') return true;
  return processesWorkingIn(realpathSync(home.cluster)).some(({ pid }) => pid === identity.pid);
}

/**
 * Processes of a killed server must be gone before the next one starts, and a lock file that names a zombie or a
 * stranger would keep it from starting at all. Where processes cannot be listed the file stays, and PostgreSQL decides.
 */
async function removeRemains(home: PostgresHome): Promise<void> {
  for (const remains of processesWorkingIn(realpathSync(home.cluster))) {
    if (await waitForEnd(remains, 5000)) continue;
    killHard(remains);
    await waitForEnd(remains, 5000);
  }
  if (process.platform === 'linux') rmSync(join(home.cluster, 'postmaster.pid'), { force: true });
}

async function start(home: PostgresHome, memory: string, options: EmbeddedPostgresOptions): Promise<Running> {
  const { port: rememberedPort } = recall(memory);
  const usual = [...(typeof rememberedPort === 'number' ? [rememberedPort] : []), USUAL_PORT];
  const refused = new Set<number>();
  if (existsSync(home.log) && statSync(home.log).size > LOG_BYTES_MAX) renameSync(home.log, `${home.log}.1`);
  let reason = '';
  for (let attempt = 0; attempt < START_ATTEMPTS_MAX; attempt += 1) {
    const port = options.port ?? (await freePort(usual, refused));
    const logged = existsSync(home.log) ? statSync(home.log).size : 0;
    // No Unix socket: its path would be too long in a deep data folder, and TCP is as quick.
    const settings = [...SETTINGS, ...(options.settings ?? [])].map((setting) => `-c ${setting}`);
    const serverOptions = [`-h 127.0.0.1 -p ${port} -k ''`, ...settings].join(' ');
    const limit = String(START_LIMIT_SECONDS);
    const command = ['start', '-w', '-t', limit, '-D', home.cluster, '-l', home.log, '-o', serverOptions];
    const { exitCode } = await run(home, home.pgCtl, command);
    const started = readLockFile(home);
    if (exitCode === 0 && started) {
      remember(memory, { ...recall(memory), port });
      return started;
    }
    reason = existsSync(home.log) ? readFileSync(home.log, 'utf8').slice(logged) : '';
    if (!/Address already in use|could not bind|lock file .* already exists|shared memory block/.test(reason)) break;
    // Somebody took the port since we looked, or the remains of the last server are still ending.
    if (options.port === undefined && /Address already in use|could not bind/.test(reason)) refused.add(port);
    else await wait(500);
  }
  throw new Error(
    `PostgreSQL did not start: ${lastLines(decisiveLines(reason), 3) || 'it wrote no reason'} (its log is ` +
      `${home.log}).`,
  );
}

async function answers(port: number, cluster: string): Promise<boolean> {
  const client = adminClient(urlOf(port, 'postgres'));
  try {
    await client.connect();
    return (await dataDirectoryOf(client)) === cluster;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function adminClient(connectionString: string): Client {
  const client = new Client({ connectionString, ssl: false, connectionTimeoutMillis: 5000, query_timeout: 20_000 });
  // A connection that breaks while idle would otherwise end the process.
  client.on('error', () => undefined);
  return client;
}

/** @returns the server's version. */
async function makeOurDatabase(adminUrl: string): Promise<string> {
  const client = adminClient(adminUrl);
  await client.connect();
  try {
    await makeDatabase(client, DATABASE);
    return await serverVersion(client);
  } finally {
    await client.end();
  }
}

async function stop(home: PostgresHome): Promise<void> {
  for (const mode of ['fast', 'immediate']) {
    const limit = ['-t', String(STOP_LIMIT_SECONDS)];
    const { exitCode } = await run(home, home.pgCtl, ['stop', '-D', home.cluster, '-m', mode, '-w', ...limit]);
    if (exitCode === 0 || readLockFile(home) === undefined) return;
  }
}

/** What ended it; how it went down from there says nothing. */
function decisiveLines(text: string): string {
  const decisive = text.split('\n').filter((line) => /\b(FATAL|PANIC): /.test(line));
  return decisive.length > 0 ? decisive.join('\n') : text;
}

function lastLines(text: string, count: number): string {
  return text.trim().split('\n').slice(-count).join(' / ');
}
