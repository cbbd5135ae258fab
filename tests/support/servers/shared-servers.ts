import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { forgetProcess, recordProcess } from '../processes/process-record.ts';

/** What a test file is told of the run's PostgreSQL: where to create databases, and the migrated one to copy. */
export interface SharedPostgres {
  readonly adminUrl: string;
  readonly template: string;
}

/** What a test file is told of the run's Temporal dev server. */
export interface SharedTemporal {
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
}

/** Where the workflows' code is, made once, so that no worker has to make it (DURABILL_WORKFLOW_BUNDLE). */
export interface SharedWorkflowBundle {
  readonly file: string;
}

interface Stoppable {
  readonly pid: number;
  stop(): Promise<void>;
}

export interface SharedServers {
  /** Test files ask here, over HTTP on the loopback interface: their processes are not ours. */
  readonly url: string;
  /** Stops what was started; whatever would not stop is left to the run folder's record of processes. */
  close(): Promise<void>;
}

const TEMPLATE = 'durabill_template';

/**
 * One PostgreSQL, one Temporal dev server and one bundle of the workflows for the whole run. Each is made when the
 * first test file asks for it, so that a run of pure tests starts nothing; who asks meanwhile waits for the same start.
 */
export async function openSharedServers(runFolder: string): Promise<SharedServers> {
  const started: Stoppable[] = [];
  const keep = <S extends Stoppable>(server: S): S => {
    recordProcess(runFolder, server.pid);
    started.push(server);
    return server;
  };
  const starts: Record<string, () => Promise<unknown>> = {
    '/postgres': onlyOnce(() => startPostgres(runFolder, keep)),
    '/temporal': onlyOnce(() => startTemporal(runFolder, keep)),
    '/plain-workflow-bundle': onlyOnce(() => bundleWorkflows(runFolder, 'plain')),
    '/traced-workflow-bundle': onlyOnce(() => bundleWorkflows(runFolder, 'traced')),
  };
  const desk = createServer((request, response) => {
    const start = starts[request.url ?? ''];
    const answer = start === undefined ? Promise.reject(new Error(`nothing at ${request.url}`)) : start();
    answer.then(
      (server) => response.end(JSON.stringify(server)),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.stack : String(error)),
    );
  });
  // A first start may download Temporal: the default limits of Node's server would cut the question off.
  desk.requestTimeout = 0;
  desk.keepAliveTimeout = 1;
  await new Promise<void>((listening) => desk.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(desk.address() as AddressInfo).port}`,
    async close() {
      desk.close();
      desk.closeAllConnections();
      // Temporal first: it may hold connections that PostgreSQL would wait for.
      for (const server of started.toReversed()) await server.stop();
    },
  };
}

async function startPostgres(runFolder: string, keep: <S extends Stoppable>(server: S) => S): Promise<SharedPostgres> {
  const [{ startEmbeddedPostgres }, { migrate }] = await Promise.all([
    import('../../../scripts/up/embedded-postgres.ts'),
    import('../../../db/migrate.ts'),
  ]);
  const { adminUrl } = keep(await startEmbeddedPostgres({ dataDirectory: join(runFolder, 'postgres') }));
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    // Safe here: tests kill processes, never the machine. Acknowledged commits still survive the end of a process.
    await admin.query('alter system set fsync = off');
    await admin.query('select pg_reload_conf()');
    await admin.query(`create database ${TEMPLATE}`);
  } finally {
    await admin.end();
  }
  await migrate(databaseOf(adminUrl, TEMPLATE));
  return { adminUrl, template: TEMPLATE };
}

async function startTemporal(runFolder: string, keep: <S extends Stoppable>(server: S) => S): Promise<SharedTemporal> {
  const { startEmbeddedTemporal } = await import('../../../scripts/up/embedded-temporal.ts');
  const server = await startEmbeddedTemporal({ dataDirectory: join(runFolder, 'temporal') });
  const { address, uiUrl, namespace } = keep(server);
  return { address, uiUrl, namespace };
}

/** In a process of its own: the bundler would hold up jest's. */
async function bundleWorkflows(runFolder: string, kind: 'plain' | 'traced'): Promise<SharedWorkflowBundle> {
  const file = join(runFolder, 'workflows.js');
  const script = fileURLToPath(new URL('../../../scripts/bundle-workflows.ts', import.meta.url));
  const bundler = spawn(process.execPath, [script, file, kind], { stdio: ['ignore', 'ignore', 'pipe'] });
  const { pid } = bundler;
  if (pid !== undefined) recordProcess(runFolder, pid);
  let errors = '';
  bundler.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [exitCode] = (await once(bundler, 'close')) as [number | null];
  if (pid !== undefined) forgetProcess(runFolder, pid);
  if (exitCode !== 0) throw new Error(`The workflows were not bundled:\n${errors}`);
  return { file };
}

/** The same server's URL with another database. */
export function databaseOf(databaseUrl: string, database: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** Asks the run's desk for one of these, which starts it if it does not run yet. */
export async function sharedServer(name: 'postgres'): Promise<SharedPostgres>;
export async function sharedServer(name: 'temporal'): Promise<SharedTemporal>;
export async function sharedServer(name: `${'plain' | 'traced'}-workflow-bundle`): Promise<SharedWorkflowBundle>;
export async function sharedServer(name: string): Promise<unknown> {
  const desk = process.env['DURABILL_TEST_SERVERS'];
  if (desk === undefined) throw new Error('No run of the tests is under way: start the file with jest.');
  const response = await fetch(`${desk}/${name}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`The ${name} server of the test run did not start:\n${text}`);
  return JSON.parse(text) as unknown;
}

function onlyOnce<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
