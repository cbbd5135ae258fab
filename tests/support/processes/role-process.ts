import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { forgetProcess, recordProcess } from './process-record.ts';
import { runFolder } from './run-folder.ts';

/** The two processes that make a durabill. */
export type Role = 'api' | 'worker';

export interface RoleProcess {
  /** Where it listens, as it said when it was ready (the API only). */
  readonly port: number | undefined;
  /** Sends the signal and resolves when the process is gone; after SIGTERM anything but exit code 0 is an error. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const MAIN: Record<Role, string> = {
  api: fileURLToPath(new URL('../../../api/main.ts', import.meta.url)),
  worker: fileURLToPath(new URL('../../../worker/main.ts', import.meta.url)),
};
const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 30_000;
const LOG_TAIL_CHARACTERS = 6000;

/**
 * Starts one process of a durabill; resolves when it says over IPC that it is ready.
 *
 * @param log the file to which what it writes is added.
 * @param main what is run.
 * @throws Error with the end of the log when it ends first, or is not ready within a minute.
 */
export async function startRole(
  role: Role,
  environment: NodeJS.ProcessEnv,
  log: string,
  main: string = MAIN[role],
): Promise<RoleProcess> {
  const output = openSync(log, 'a');
  const child = fork(main, [], { env: environment, execArgv: [], stdio: ['ignore', output, output, 'ipc'] });
  closeSync(output);
  const gone = recordedUntilGone(child);

  const ready = Promise.withResolvers<number | undefined>();
  const fail = (what: string): void =>
    ready.reject(new Error(`The ${role} ${what}. The end of its log:\n${tailOf(log)}`));
  const limit = setTimeout(() => fail(`was not ready within ${READY_WITHIN_MS / 1000} s`), READY_WITHIN_MS);
  child.on('message', (message) => {
    if (isReady(message)) ready.resolve(message.port);
  });
  child.once('exit', (code, signal) => fail(`ended before it was ready (${signal ?? code})`));
  child.once('error', (error) => fail(`could not be started: ${error.message}`));
  try {
    return { port: await ready.promise, end: (signal) => end(role, child, gone, signal, log) };
  } catch (error) {
    child.kill('SIGKILL');
    await gone;
    throw error;
  } finally {
    clearTimeout(limit);
  }
}

function recordedUntilGone(child: ChildProcess): Promise<void> {
  const folder = runFolder();
  const { pid } = child;
  if (pid === undefined) return new Promise((gone) => child.once('error', () => gone()));
  recordProcess(folder, pid);
  return new Promise((gone) => {
    child.once('exit', () => {
      forgetProcess(folder, pid);
      gone();
    });
  });
}

async function end(
  role: Role,
  child: ChildProcess,
  gone: Promise<void>,
  signal: 'SIGTERM' | 'SIGKILL',
  log: string,
): Promise<void> {
  const limit = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
  child.kill(signal);
  await gone;
  clearTimeout(limit);
  if (signal === 'SIGKILL' || child.exitCode === 0) return;
  const how =
    child.signalCode === 'SIGKILL'
      ? `was still there ${STOPPED_WITHIN_MS / 1000} s after SIGTERM`
      : `ended with ${child.signalCode ?? `code ${child.exitCode}`}`;
  throw new Error(`The ${role} did not end cleanly: it ${how}. The end of its log:\n${tailOf(log)}`);
}

function isReady(message: unknown): message is { readonly ready: true; readonly port?: number } {
  return typeof message === 'object' && message !== null && 'ready' in message && message.ready === true;
}

const tailOf = (log: string): string => readFileSync(log, 'utf8').slice(-LOG_TAIL_CHARACTERS);
