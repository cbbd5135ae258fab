import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { searchAttributes } from '../../activities/acts/start-acts.ts';
import { freePort, portProblem } from '../../worker/process/free-port.ts';
import {
  identifyProcess,
  isRunning,
  killHard,
  processesWorkingIn,
  waitForEnd,
  type ProcessIdentity,
} from './process-status.ts';
import { recall, remember } from './remembered.ts';
import { TEMPORAL_CLI, findTemporalBinary } from './find-temporal-binary.ts';

const USUAL_PORT = 7233;
const USUAL_UI_PORT = 8233;
const START_ATTEMPTS_MAX = 5;
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;
/** A running server that answers nobody for this long is ended and started again. */
const ANSWER_LIMIT_MS = 10_000;
const CALL_LIMIT_MS = 5000;
const PORTS_FREED_WITHIN_MS = 2000;
const PORT_LOOK_MS = 50;
const LOG_BYTES_MAX = 20_000_000;
/** The dev server's 24 hours would hide from an operator what ran the day before yesterday. */
const RETENTION_SECONDS = 72 * 3600;

export interface EmbeddedTemporalOptions {
  /** Where its files are kept; made if absent. */
  readonly dataDirectory: string;
  /** Default: `default`. */
  readonly namespace?: string | undefined;
  /** On these ports or not at all; by default those of the last start, the usual ones, or any free ones. */
  readonly ports?: TemporalPorts;
  /** Further arguments of a measure, which win over ours. */
  readonly serverArguments?: readonly string[];
  /** Told of what takes longer than a moment. */
  readonly onProgress?: (text: string) => void;
  /** Ends the start, also in the middle of a download. */
  readonly signal?: AbortSignal;
}

export interface TemporalPorts {
  readonly port: number;
  readonly uiPort: number;
}

export interface EmbeddedTemporal {
  /** host:port of the gRPC service. */
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
  readonly ports: TemporalPorts;
  readonly pid: number;
  readonly identity: ProcessIdentity;
  /** It was still running and was taken over. */
  readonly adopted: boolean;
  /** Ends it; every acknowledged call is on disk. Ending it twice is fine. */
  stop(): Promise<void>;
}

/**
 * Starts the Temporal development server of a data folder, or takes over the one that still runs there. It listens on
 * 127.0.0.1 only and outlives this process. Its store is `temporal/temporal.db`; when that is missing it begins anew,
 * and the acts in PostgreSQL start all work again. Not for two callers at once on one folder.
 *
 * @throws Error that says what to do.
 */
export async function startEmbeddedTemporal(options: EmbeddedTemporalOptions): Promise<EmbeddedTemporal> {
  mkdirSync(join(options.dataDirectory, 'temporal'), { recursive: true });
  mkdirSync(join(options.dataDirectory, 'logs'), { recursive: true });
  const files = filesOf(realpathSync(options.dataDirectory));
  const namespace = options.namespace ?? 'default';
  const adopted = await adopt(files, namespace);
  const running = adopted ?? (await start(files, namespace, options));
  const { identity, ports } = running;
  return {
    address: addressOf(ports),
    uiUrl: `http://127.0.0.1:${ports.uiPort}`,
    namespace,
    ports,
    pid: identity.pid,
    identity,
    adopted: adopted !== undefined,
    stop: () => stop(identity),
  };
}

interface Files {
  /** The server's working folder, by which its process is recognized. */
  readonly folder: string;
  readonly database: string;
  readonly log: string;
  readonly memory: string;
  readonly dataDirectory: string;
}

function filesOf(dataDirectory: string): Files {
  const folder = join(dataDirectory, 'temporal');
  return {
    folder,
    database: join(folder, 'temporal.db'),
    log: join(dataDirectory, 'logs', 'temporal.log'),
    memory: join(dataDirectory, 'temporal.json'),
    dataDirectory,
  };
}

interface Running {
  readonly identity: ProcessIdentity;
  readonly ports: TemporalPorts;
}

const addressOf = ({ port }: TemporalPorts) => `127.0.0.1:${port}`;

function recallRunning(files: Files): Partial<Running> {
  const { pid, startedAt, port, uiPort } = recall(files.memory);
  return {
    ...(typeof pid === 'number' && typeof startedAt === 'string' ? { identity: { pid, startedAt } } : {}),
    ...(typeof port === 'number' && typeof uiPort === 'number' ? { ports: { port, uiPort } } : {}),
  };
}

/**
 * The server that still runs on this folder; undefined when there is none, and then no process is left that could write
 * its store.
 */
async function adopt(files: Files, namespace: string): Promise<Running | undefined> {
  const { identity, ports } = recallRunning(files);
  if (identity && ports && (await isReady(identity, ports, namespace, ANSWER_LIMIT_MS))) return { identity, ports };
  const remains = processesWorkingIn(files.folder);
  if (identity && isRunning(identity)) remains.push(identity);
  for (const left of remains) {
    killHard(left);
    await waitForEnd(left, STOP_LIMIT_MS);
  }
  return undefined;
}

async function start(files: Files, namespace: string, options: EmbeddedTemporalOptions): Promise<Running> {
  const { dataDirectory, onProgress, signal } = options;
  const binary = await findTemporalBinary(TEMPORAL_CLI, { dataDirectory, onProgress, signal });
  if (!existsSync(files.database)) {
    for (const suffix of ['-wal', '-shm']) rmSync(files.database + suffix, { force: true });
  }
  if (existsSync(files.log) && statSync(files.log).size > LOG_BYTES_MAX) renameSync(files.log, `${files.log}.1`);
  const { ports: rememberedPorts } = recallRunning(files);
  let reason = '';
  for (let attempt = 0; attempt < START_ATTEMPTS_MAX; attempt += 1) {
    const ports = options.ports ?? (await choosePorts(rememberedPorts));
    const logged = existsSync(files.log) ? statSync(files.log).size : 0;
    const identity = await launch(binary, files, ports, namespace, options.serverArguments);
    if (await isReady(identity, ports, namespace, START_LIMIT_MS, signal)) return { identity, ports };
    killHard(identity);
    await waitForEnd(identity, STOP_LIMIT_MS);
    signal?.throwIfAborted();
    reason = existsSync(files.log) ? readFileSync(files.log, 'utf8').slice(logged) : '';
    // Somebody took a port since we looked; the server also chooses some by itself.
    if (!/address already in use|can't set (frontend|ui) port/i.test(reason)) break;
    await wait(500);
  }
  const lines = reason.trim().split('\n').slice(-3).join(' / ') || 'it wrote no reason';
  throw new Error(
    `Temporal did not start: ${lines} (its log is ${files.log}). Should its store be damaged, delete ` +
      `${files.database}: nothing is lost, the database starts all work again.`,
  );
}

/** A server that was killed a moment ago may still hold its ports while its threads end. */
async function freed(ports: readonly number[]): Promise<void> {
  for (let waitedMs = 0; waitedMs < PORTS_FREED_WITHIN_MS; waitedMs += PORT_LOOK_MS) {
    const problems = await Promise.all(ports.map((port) => portProblem(port)));
    if (problems.every((problem) => problem === undefined)) return;
    await wait(PORT_LOOK_MS);
  }
}

async function choosePorts(last: TemporalPorts | undefined): Promise<TemporalPorts> {
  if (last) await freed([last.port, last.uiPort]);
  const port = await freePort([...(last ? [last.port] : []), USUAL_PORT]);
  const uiPort = await freePort([...(last ? [last.uiPort] : []), USUAL_UI_PORT], new Set([port]));
  return { port, uiPort };
}

/**
 * Starts the process in a session of its own: Ctrl-C in our terminal must not end it before our workers have finished.
 */
async function launch(
  binary: string,
  files: Files,
  ports: TemporalPorts,
  namespace: string,
  further: readonly string[] = [],
): Promise<ProcessIdentity> {
  const taken = new Set([ports.port, ports.uiPort]);
  const metricsPort = await freePort([], taken);
  const httpPort = await freePort([], taken.add(metricsPort));
  const log = openSync(files.log, 'a');
  try {
    const own = serverArguments(files, { ...ports, metricsPort, httpPort }, namespace);
    const child = spawn(binary, [...own, ...further], {
      cwd: files.folder,
      // A home of its own: in the user's it would look for settings, and refuse to start where it may not look.
      env: { ...withoutTemporalSettings(process.env), HOME: files.folder, XDG_CONFIG_HOME: files.folder },
      detached: true,
      stdio: ['ignore', log, log],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(new Error(`${binary} could not be started: ${error.message}`)));
    });
    child.unref();
    const identity = identifyProcess(child.pid ?? 0) ?? { pid: child.pid ?? 0, startedAt: '' };
    try {
      remember(files.memory, { ...ports, ...identity });
    } catch {
      // Without room it runs all the same; the next start knows it by its working folder.
    }
    return identity;
  } finally {
    closeSync(log);
  }
}

interface ServerPorts extends TemporalPorts {
  readonly metricsPort: number;
  readonly httpPort: number;
}

function serverArguments(files: Files, ports: ServerPorts, namespace: string): string[] {
  const flags: Record<string, string | readonly string[]> = {
    '--ip': '127.0.0.1',
    '--port': String(ports.port),
    '--ui-port': String(ports.uiPort),
    '--metrics-port': String(ports.metricsPort),
    '--http-port': String(ports.httpPort),
    '--namespace': namespace,
    '--db-filename': files.database,
    '--log-level': 'warn',
    // Without a write-ahead log a third of the throughput; `full` because an acknowledged start must survive a power
    // cut.
    '--sqlite-pragma': ['journal_mode=wal', 'synchronous=full'],
    '--dynamic-config-value': ['matching.enableFairness=true'],
    '--search-attribute': Object.values(searchAttributes).map(({ name, type }) => `${name}=${capitalized(type)}`),
  };
  const given = Object.entries(flags).flatMap(([flag, values]) => [values].flat().flatMap((value) => [flag, value]));
  return ['server', 'start-dev', ...given];
}

const capitalized = (word: string) => word.charAt(0) + word.slice(1).toLowerCase();

/** A file that does not exist; an empty one would be refused. */
const NO_PROFILES = '/no-temporal-profiles.toml';

/** A profile or address meant for the user's own cluster must not reach the embedded server, nor who connects to it. */
export function withoutTemporalSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(environment).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return { ...Object.fromEntries(others), TEMPORAL_CONFIG_FILE: NO_PROFILES };
}

/** Whether the server answers for its namespace within the limit; false at once when the process ends. */
async function isReady(
  identity: ProcessIdentity,
  ports: TemporalPorts,
  namespace: string,
  limitMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (isRunning(identity) && performance.now() < end && !signal?.aborted) {
    if (await keepsHistoryLongEnough(addressOf(ports), namespace)) return isRunning(identity);
    await wait(100);
  }
  return false;
}

/** Asks for the namespace, and sets how long it keeps closed workflows; false when nobody answers. */
async function keepsHistoryLongEnough(address: string, namespace: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: CALL_LIMIT_MS }).catch(() => undefined);
  if (!connection) return false;
  try {
    return await connection.withDeadline(Date.now() + CALL_LIMIT_MS, async () => {
      const { config } = await connection.workflowService.describeNamespace({ namespace });
      const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
      if (seconds !== RETENTION_SECONDS) {
        const workflowExecutionRetentionTtl = { seconds: RETENTION_SECONDS as never };
        await connection.workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl } });
      }
      return true;
    });
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

async function stop(identity: ProcessIdentity): Promise<void> {
  if (!isRunning(identity)) return;
  process.kill(identity.pid, 'SIGTERM');
  if (await waitForEnd(identity, STOP_LIMIT_MS)) return;
  killHard(identity);
  await waitForEnd(identity, STOP_LIMIT_MS);
}
