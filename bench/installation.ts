import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MikroORM } from '@mikro-orm/postgresql';
import { startEmbeddedPostgres } from '../scripts/up/embedded-postgres.ts';
import { migrate } from '../db/migrate.ts';
import { openOrm } from '../db/orm.ts';
import { startEmbeddedTemporal } from '../scripts/up/embedded-temporal.ts';
import { cpuSecondsOf } from './cpu-seconds.ts';

/** A durabill of its own for one measure: servers of its own in a folder that goes with it. */
export interface Installation {
  readonly orm: MikroORM;
  readonly databaseUrl: string;
  readonly adminKey: string;
  /** Processes' CPU seconds so far, by role. */
  readonly cpuSeconds: () => Readonly<Record<string, number>>;
  readonly startWorker: (billing: 'real' | 'nothing') => Promise<Role>;
  readonly startApi: () => Promise<Role & { readonly url: string }>;
  readonly stop: () => Promise<void>;
}

export interface Role {
  readonly stop: () => Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export async function startInstallation(): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'durabill-bench-'));
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres') });
  const temporal = await startEmbeddedTemporal({ dataDirectory: join(folder, 'temporal') });
  await migrate(postgres.databaseUrl);
  const orm = await openOrm(postgres.databaseUrl, { poolSize: 20, applicationName: 'durabill bench' });
  const adminKey = randomBytes(24).toString('hex');
  const pids = new Map<string, number>([
    ['PostgreSQL', postgres.pid],
    ['Temporal', temporal.pid],
  ]);
  const environment = {
    ...process.env,
    DATABASE_URL: postgres.databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    TEMPORAL_UI_URL: temporal.uiUrl,
    DURABILL_ADMIN_KEY: adminKey,
    DURABILL_SECRET_KEY: randomBytes(32).toString('hex'),
    DURABILL_BILLING_DELAY_SECONDS: '0',
    DURABILL_BILLING_SPREAD_SECONDS: '0',
    DURABILL_ALLOW_PRIVATE_WEBHOOKS: 'true',
    LOG_LEVEL: 'warn',
    HOST: '127.0.0.1',
    PORT: '0',
  };
  const start = async (name: string, path: string, extra: Readonly<Record<string, string>>) => {
    const log = openSync(join(folder, `${name}.log`), 'a');
    const child = fork(fileOf(path), [], {
      env: { ...environment, ...extra },
      execArgv: [],
      stdio: ['ignore', log, log, 'ipc'],
    });
    const port = await ready(name, child);
    pids.set(name, child.pid!);
    return { port, stop: () => ended(child) };
  };
  return {
    orm,
    databaseUrl: postgres.databaseUrl,
    adminKey,
    cpuSeconds: () => Object.fromEntries([...pids].map(([name, pid]) => [name, cpuSecondsOf(pid)])),
    startWorker: (billing) => start('worker', './worker.ts', { DURABILL_BENCH_BILLING: billing }),
    startApi: async () => {
      const { port, stop } = await start('API', '../api/main.ts', {});
      return { stop, url: `http://127.0.0.1:${port}` };
    },
    stop: async () => {
      await orm.close();
      await temporal.stop();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function ready(name: string, child: ChildProcess): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`The ${name} was not ready within a minute.`)), READY_WITHIN_MS);
    child.once('message', (message: { readonly port?: number }) => {
      clearTimeout(limit);
      resolve(message.port);
    });
    child.once('exit', (code) => reject(new Error(`The ${name} ended with ${code}.`)));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  child.removeAllListeners('exit');
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}
