import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { MikroORM } from '@mikro-orm/postgresql';
import { startEmbeddedPostgres } from '../../scripts/up/embedded-postgres.ts';
import { startEmbeddedTemporal } from '../../scripts/up/embedded-temporal.ts';
import { API_NODE_FLAGS } from '../../api/node-flags.ts';
import { migrate } from '../../db/migrate.ts';
import { openOrm } from '../../db/orm.ts';
import { cpuMsOf, memoryMbOf, peakMemoryMbOf, type Cpu } from './cpu.ts';
import { postgresSettings, temporalArguments, type Switches } from './switches.ts';

/** A durabill of its own for one measure: servers of its own in a folder that goes with it. */
export interface Installation {
  readonly orm: MikroORM;
  readonly temporal: { readonly address: string; readonly namespace: string };
  readonly adminKey: string;
  /** Where files are kept. */
  readonly files: string;
  /** CPU milliseconds so far of all processes that run, by role. */
  readonly cpu: () => Cpu;
  /** Megabytes in memory, by role. */
  readonly memoryMb: () => Readonly<Record<string, number>>;
  readonly startWorker: (options?: WorkerOptions) => Promise<Role>;
  readonly startApi: (options?: ApiOptions) => Promise<Role & { readonly url: string }>;
  readonly stop: () => Promise<void>;
}

export interface WorkerOptions {
  /** `nothing`: it finishes a period's act without billing it. */
  readonly billing?: 'real' | 'nothing';
  /** Workflows in memory at most, instead of the worker's own limits. */
  readonly cached?: number;
}

export interface ApiOptions {
  /** `none`: what requests want done is not started behind their answers. */
  readonly starts?: 'real' | 'none';
}

export interface Role {
  readonly stop: () => Promise<void>;
  /** With -9: it finishes nothing. */
  readonly kill: () => Promise<void>;
  /** Megabytes that it had in memory at most, while it runs. */
  readonly peakMemoryMb: () => number;
}

const READY_WITHIN_MS = 120_000;
const NO_PROMISE_HOOKS = fileOf('./no-promise-hooks.cjs');

function fileOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

export async function startInstallation(switches: Switches = {}): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'durabill-bench-'));
  // PostgreSQL runs as a user of its own when we are root: its files can be here, and go with the folder, if it may
  // enter.
  chmodSync(folder, 0o755);
  const undo: (() => Promise<void> | void)[] = [() => removeFolder(folder)];
  const stop = async (): Promise<void> => {
    running.delete(stop);
    for (const step of undo.splice(0).toReversed()) await step();
  };
  running.add(stop);
  try {
    // Only Temporal's server is written in Go.
    if (switches.gogc !== undefined) process.env['GOGC'] = switches.gogc;
    const postgres = await startEmbeddedPostgres({
      dataDirectory: join(folder, 'postgres'),
      settings: postgresSettings(switches),
    });
    undo.push(() => postgres.stop());
    const temporal = await startEmbeddedTemporal({
      dataDirectory: join(folder, 'temporal'),
      serverArguments: temporalArguments(switches),
    });
    undo.push(() => temporal.stop());
    await migrate(postgres.databaseUrl);
    const orm = await openOrm(postgres.databaseUrl, { poolSize: 20, applicationName: 'durabill bench' });
    undo.push(() => orm.close());
    const adminKey = randomBytes(24).toString('hex');
    const pids = new Map<string, number>([
      ['PostgreSQL', postgres.pid],
      ['Temporal', temporal.pid],
    ]);
    const files = join(folder, 'files');
    const environment = {
      ...process.env,
      DATABASE_URL: postgres.databaseUrl,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      TEMPORAL_UI_URL: temporal.uiUrl,
      DURABILL_EMBEDDED_TEMPORAL: 'true',
      DURABILL_ADMIN_KEY: adminKey,
      DURABILL_SECRET_KEY: randomBytes(32).toString('hex'),
      DURABILL_BILLING_DELAY_SECONDS: '0',
      DURABILL_BILLING_SPREAD_SECONDS: '0',
      DURABILL_ALLOW_PRIVATE_WEBHOOKS: 'true',
      DURABILL_FILES: pathToFileURL(files).href,
      LOG_LEVEL: 'warn',
      HOST: '127.0.0.1',
      PORT: '0',
    };
    const start = async (
      name: string,
      path: string,
      flags: readonly string[],
      extra: Readonly<Record<string, string>>,
    ) => {
      const log = join(folder, `${name}.log`);
      const output = openSync(log, 'a');
      const child = fork(fileOf(path), [], {
        env: { ...environment, ...extra },
        execArgv: [...flags],
        stdio: ['ignore', output, output, 'ipc'],
      });
      const end = (signal: NodeJS.Signals) => (): Promise<void> => {
        if (pids.get(name) === child.pid) pids.delete(name);
        return ended(child, signal);
      };
      undo.push(end('SIGTERM'));
      const port = await ready(name, child, log);
      pids.set(name, child.pid!);
      const role: Role = {
        stop: end('SIGTERM'),
        kill: end('SIGKILL'),
        peakMemoryMb: () => peakMemoryMbOf(child.pid!),
      };
      return { port, role };
    };
    const ofAll = (figure: (pid: number) => number) =>
      Object.fromEntries([...pids].map(([name, pid]) => [name, figure(pid)]));
    return {
      orm,
      temporal,
      adminKey,
      files,
      cpu: () => ofAll(cpuMsOf),
      memoryMb: () => ofAll(memoryMbOf),
      startWorker: async ({ billing = 'real', cached } = {}) => {
        const most = switches.cached ?? cached?.toString();
        const flags = switches.hooks === 'off' ? ['--require', NO_PROMISE_HOOKS] : [];
        const { role } = await start('worker', './worker.ts', flags, {
          DURABILL_BENCH_BILLING: billing,
          ...(most !== undefined && { DURABILL_BENCH_CACHED: most }),
        });
        return role;
      },
      startApi: async ({ starts = 'real' } = {}) => {
        const { role, port } = await start('API', './api.ts', API_NODE_FLAGS, { DURABILL_BENCH_STARTS: starts });
        return { ...role, url: `http://127.0.0.1:${port}` };
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const running = new Set<() => Promise<void>>();

/** Ends whatever runs and removes what it left, when the measure itself is to end before its time. */
export async function stopInstallations(): Promise<void> {
  for (const stop of running) await stop();
}

/** With the cluster, should PostgreSQL have had to keep it elsewhere. */
function removeFolder(folder: string): void {
  const memory = join(folder, 'postgres', 'postgres.json');
  const { folder: elsewhere } = (existsSync(memory) ? JSON.parse(readFileSync(memory, 'utf8')) : {}) as {
    readonly folder?: string;
  };
  for (const path of [folder, ...(elsewhere === undefined ? [] : [elsewhere])]) {
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function ready(name: string, child: ChildProcess, log: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const fail = (what: string) => reject(new Error(`The ${name} ${what}: ${readFileSync(log, 'utf8').slice(-2000)}`));
    const limit = setTimeout(() => fail('was not ready in time'), READY_WITHIN_MS);
    child.once('message', (message: { readonly port?: number }) => {
      clearTimeout(limit);
      resolve(message.port);
    });
    child.once('exit', (code) => {
      clearTimeout(limit);
      fail(`ended with ${code}`);
    });
  });
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.removeAllListeners('exit');
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}
