import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startRole, type Role, type RoleProcess } from './role-process.ts';
import { runFolder } from './run-folder.ts';
import { testDatabase } from '../servers/test-database.ts';
import { testTemporal } from '../servers/test-temporal.ts';
import { workflowBundleFile } from '../workflow-bundle-file.ts';

export interface RunningDurabill {
  /** Where the API listens, without `/api/v1`. It stays the same over a restart. */
  readonly url: string;
  readonly adminKey: string;
  readonly databaseUrl: string;
  /** Put before its task queues and schedules. */
  readonly taskQueuePrefix: string;
  /** kill -9; resolves when the process is gone. */
  kill(role: Role): Promise<void>;
  /** Ends the process if it still runs, as an operator does, and starts it again; resolves when it is ready. */
  restart(role: Role): Promise<void>;
  /** What the process has written so far, over all its lives. */
  log(role: Role): string;
  /** Ends both processes as an operator does and deletes the database; an end that is not clean is an error. */
  stop(): Promise<void>;
}

export interface RunningDurabillOptions {
  /** Variables for both processes, over the test's defaults; undefined removes one. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The file that is run as the worker, where it is not ours. */
  readonly workerMain?: string;
  /** Only these processes are started; the others wait for `restart`. */
  readonly roles?: readonly Role[];
}

/** What a developer has set for a durabill of their own must not reach the one under test. */
const FOREIGN =
  /^(DURABILL_|TEMPORAL_|OTEL_|LOG_LEVEL$|DATABASE_URL$|DATABASE_POOL$|VIES_URL$|PORT$|HOST$|NODE_OPTIONS$|JEST_)/;

/** Starts an API and a worker as processes of their own, on a database of their own and the run's Temporal server. */
export async function runningDurabill(options: RunningDurabillOptions = {}): Promise<RunningDurabill> {
  const [database, temporal] = await Promise.all([testDatabase(), testTemporal()]);
  const instance = randomUUID().slice(0, 8);
  const folder = join(runFolder(), `durabill-${instance}`);
  mkdirSync(folder);
  const adminKey = randomBytes(24).toString('hex');
  const environment = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name))),
    DATABASE_URL: database.databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    TEMPORAL_UI_URL: temporal.uiUrl,
    DURABILL_ADMIN_KEY: adminKey,
    DURABILL_SECRET_KEY: randomBytes(32).toString('hex'),
    DURABILL_TASK_QUEUE_PREFIX: `test-${instance}-`,
    DURABILL_FILES: pathToFileURL(join(folder, 'files')).href,
    HOST: '127.0.0.1',
    PORT: '0',
    ...options.environment,
  };
  const logOf = (role: Role): string => join(folder, `${role}.log`);
  const children = new Map<Role, RoleProcess>();
  let port: number | undefined;

  const start = async (role: Role): Promise<void> => {
    const own =
      role === 'worker'
        ? { DURABILL_WORKFLOW_BUNDLE: await workflowBundleFile(environment), ...environment }
        : { ...environment, ...(port !== undefined && { PORT: String(port) }) };
    const main = role === 'worker' ? options.workerMain : undefined;
    const child = await startRole(role, own, logOf(role), main);
    children.set(role, child);
    if (role === 'api') port = child.port;
  };
  const end = async (role: Role, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    const child = children.get(role);
    children.delete(role);
    await child?.end(signal);
  };
  const stop = async (): Promise<void> => {
    try {
      await allOf([end('api', 'SIGTERM'), end('worker', 'SIGTERM')]);
    } finally {
      await database.drop();
    }
  };

  try {
    await allOf((options.roles ?? ['api', 'worker']).map(start));
  } catch (error) {
    await stop().catch(() => undefined); // the reason why it did not start is the one to show
    throw error;
  }
  return {
    get url() {
      if (port === undefined) throw new Error('The API has not been started.');
      return `http://127.0.0.1:${port}`;
    },
    adminKey,
    databaseUrl: database.databaseUrl,
    taskQueuePrefix: environment.DURABILL_TASK_QUEUE_PREFIX,
    kill: (role) => end(role, 'SIGKILL'),
    async restart(role) {
      await end(role, 'SIGTERM');
      await start(role);
    },
    log: (role) => (existsSync(logOf(role)) ? readFileSync(logOf(role), 'utf8') : ''),
    stop,
  };
}

/** Waits for every one, also when another has failed, so that nothing goes on behind the error. */
async function allOf(promises: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(promises)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
}
