import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { identifyProcess, isRunning, type ProcessIdentity } from '../../../scripts/up/process-status.ts';
import { recordProcess } from '../processes/process-record.ts';
import { runFolder } from '../processes/run-folder.ts';
import { until } from '../until.ts';

const UP = fileURLToPath(new URL('./up.ts', import.meta.url));

/** What the developer has set for servers of their own must not change what is tested. */
const FOREIGN =
  /^(DURABILL_|TEMPORAL_|OTEL_|LOG_LEVEL$|DATABASE_URL$|DATABASE_POOL$|PG[A-Z]|PORT$|HOST$|NODE_OPTIONS$|NO_COLOR$|FORCE_COLOR$)/;

/** An `npm start` whose API and worker are stand-ins. */
export interface StandingIn {
  readonly dataFolder: string;
  /** Everything that it has written to the terminal. */
  output(): string;
  /** Waits until the terminal shows this text. */
  shows(text: string): Promise<void>;
  /** Resolves with the exit code, or with the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  signal(signal: NodeJS.Signals): void;
}

/** A data folder that PostgreSQL's own user may enter. */
export function newDataFolder(): string {
  const folder = mkdtempSync(join(runFolder(), 'start-'));
  chmodSync(folder, 0o755);
  return join(folder, 'data');
}

export function startStandingIn(dataFolder: string, environment: Readonly<Record<string, string>> = {}): StandingIn {
  const child = spawn(process.execPath, [UP], {
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name))),
      DURABILL_DATA_DIR: dataFolder,
      PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) recordProcess(runFolder(), child.pid);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = endOf(child);
  return {
    dataFolder,
    output: () => output,
    shows: async (text) => {
      const isOver = () => child.exitCode !== null || child.signalCode !== null;
      await until(() => output.includes(text) || isOver(), `the terminal shows "${text}"`);
      for (const { pid } of Object.values(processesOf(dataFolder))) recordProcess(runFolder(), pid);
      if (!output.includes(text)) throw new Error(`It ended without showing "${text}":\n${output}`);
    },
    ended,
    signal: (signal) => child.kill(signal),
  };
}

function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
  });
}

export type Part = 'supervisor' | 'api' | 'worker' | 'postgres' | 'temporal';

/** The processes of a data folder that run now, from what they themselves left there. */
export function processesOf(dataFolder: string): Partial<Record<Part, ProcessIdentity>> {
  const read = (file: string): unknown => {
    const path = join(dataFolder, file);
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
  };
  const { children = [] } = (read('run-state.json') ?? {}) as { children?: ProcessIdentity[] };
  const processes: Record<Part, ProcessIdentity | undefined> = {
    supervisor: read('lock') as ProcessIdentity | undefined,
    api: children[0],
    worker: children[1],
    postgres: postmaster(dataFolder),
    temporal: read('temporal.json') as ProcessIdentity | undefined,
  };
  return Object.fromEntries(Object.entries(processes).filter(([, identity]) => identity && isRunning(identity)));
}

function postmaster(dataFolder: string): ProcessIdentity | undefined {
  const file = join(dataFolder, 'postgres', 'cluster', 'postmaster.pid');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0;
  return identifyProcess(pid);
}
