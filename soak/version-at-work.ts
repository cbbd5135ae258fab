import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The API and the worker of one version, as processes. */
export interface VersionAtWork {
  readonly url: string;
  /** Ends both as an operator does. @throws Error when one does not end cleanly. */
  readonly stop: () => Promise<void>;
}

const READY_WITHIN_MS = 120_000;
const LOG_TAIL_CHARACTERS = 4000;

/** Brings the database to a version's schema. */
export function migrateWith(code: string, environment: NodeJS.ProcessEnv): void {
  const options = { cwd: code, env: environment, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(code, 'scripts', 'migrate.ts')], options);
  if (status !== 0) throw new Error(`npm run migrate failed:\n${stdout}${stderr}`);
}

/** Takes some time from whatever a process reads of the clock. */
const earlierClock = (ms: number): string =>
  `data:text/javascript,${encodeURIComponent(`
    const Real = Date;
    const now = () => Real.now() - ${ms};
    globalThis.Date = new Proxy(Real, {
      construct: (_, given) => (given.length === 0 ? new Real(now()) : new Real(...given)),
      apply: () => new Real(now()).toString(),
      get: (_, name) => (name === 'now' ? now : Real[name]),
    });
  `)}`;

/**
 * Starts a version's processes on the same database and the same Temporal as any other's.
 *
 * @param code the folder of its files.
 * @param logs the folder for what they write.
 * @param earlierMs for the API alone, without a worker: its clock is so much behind.
 */
export async function startVersion(
  name: string,
  code: string,
  environment: NodeJS.ProcessEnv,
  logs: string,
  earlierMs?: number,
): Promise<VersionAtWork> {
  const children: { readonly role: string; readonly child: ChildProcess; readonly log: string }[] = [];
  const start = (role: 'api' | 'worker'): Promise<number | undefined> => {
    const log = join(logs, `${name}-${role}.log`);
    const output = openSync(log, 'a');
    const child = fork(join(code, role, 'main.ts'), [], {
      cwd: code,
      env: environment,
      execArgv: earlierMs === undefined ? [] : ['--import', earlierClock(earlierMs)],
      stdio: ['ignore', output, output, 'ipc'],
    });
    children.push({ role, child, log });
    return new Promise((resolve, reject) => {
      const fail = (how: string): void => reject(new Error(`The ${name} ${role} ${how}:\n${tailOf(log)}`));
      const limit = setTimeout(() => fail('was not ready in time'), READY_WITHIN_MS);
      child.once('message', (message: { readonly port?: number }) => {
        clearTimeout(limit);
        resolve(message.port);
      });
      child.once('exit', (exitCode) => fail(`ended with ${exitCode} before it was ready`));
    });
  };
  const stop = async (): Promise<void> => {
    const unclean: string[] = [];
    await Promise.all(
      children.map(async ({ role, child, log }) => {
        if (child.exitCode === null && child.signalCode === null) {
          const gone = new Promise((resolve) => child.once('exit', resolve));
          child.kill('SIGTERM');
          await gone;
        }
        if (child.exitCode !== 0) {
          unclean.push(`The ${name} ${role} ended with ${child.exitCode ?? child.signalCode}:\n${tailOf(log)}`);
        }
      }),
    );
    if (unclean.length > 0) throw new Error(unclean.join('\n'));
  };
  try {
    const [port] = await Promise.all([start('api'), ...(earlierMs === undefined ? [start('worker')] : [])]);
    return { url: `http://127.0.0.1:${port}`, stop };
  } catch (error) {
    for (const { child } of children) child.kill('SIGKILL');
    throw error;
  }
}

const tailOf = (log: string): string => readFileSync(log, 'utf8').slice(-LOG_TAIL_CHARACTERS);
