import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, isAbsolute } from 'node:path';
import { forgetProcess, recordProcess } from './process-record.ts';
import { REPOSITORY } from '../repository.ts';
import { runFolder } from './run-folder.ts';
import { until } from '../until.ts';

/** A program of ours as an operator's tools start it: variables alone, no supervisor, no IPC. */
export interface BareProcess {
  readonly output: () => string;
  /** The JSON lines it has logged so far. */
  readonly lines: () => readonly Readonly<Record<string, unknown>>[];
  /** Waits for a log line; fails when the process ends first. */
  readonly logs: (message: string) => Promise<Readonly<Record<string, unknown>>>;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Resolves with the exit code, or with the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** @param program below the repository's root, such as `api/main.ts`, or the absolute path of one in a copy of it. */
export function startBare(
  program: string,
  environment: Readonly<Record<string, string>>,
  parameters: readonly string[] = [],
): BareProcess {
  const file = isAbsolute(program) ? program : join(REPOSITORY, program);
  return watched(process.execPath, [file, ...parameters], environment);
}

const AS_FIRST = ['--pid', '--fork', '--kill-child'];

/** Only root may make a namespace of processes, and not everywhere. */
export const canStartFirst = (): boolean => spawnSync('unshare', [...AS_FIRST, 'true']).status === 0;

/** Starts a program of ours as the first process of a namespace of its own, as in a container without an init. */
export function startFirst(program: string, environment: Readonly<Record<string, string>>): BareProcess {
  return watched('unshare', [...AS_FIRST, process.execPath, join(REPOSITORY, program)], environment, onlyChildOf);
}

function onlyChildOf(pid: number): number {
  const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
  // A signal for the process 0 would be one for all of ours.
  if (child === 0) throw new Error('The first process of the namespace is not there.');
  return child;
}

/** @param inside which process a signal is for, when it is not the one that is started. */
function watched(
  command: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
  inside = (started: number): number => started,
): BareProcess {
  const child = spawn(command, parameters, {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid !== undefined) recordProcess(runFolder(), pid);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (pid !== undefined) forgetProcess(runFolder(), pid);
      resolve(code ?? signal);
    });
  });
  const lines = () =>
    output
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  return {
    output: () => output,
    lines,
    logs: async (message) => {
      const found = () => lines().find(({ msg }) => msg === message);
      await until(() => found() !== undefined || child.exitCode !== null, `it logs "${message}"`, 60_000);
      const line = found();
      if (!line) throw new Error(`It ended without logging "${message}":\n${output}`);
      return line;
    },
    signal: (signal) => {
      if (pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(inside(pid), signal);
    },
    ended,
  };
}
