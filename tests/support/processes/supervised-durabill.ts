import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, createWriteStream, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../servers/free-port.ts';
import { recordProcess } from './process-record.ts';
import { runFolder } from './run-folder.ts';
import { until } from '../until.ts';
import { workflowBundleFile } from '../workflow-bundle-file.ts';

/** A whole installation as `npm start` runs it, on a data folder of its own. */
export interface SupervisedDurabill {
  readonly url: string;
  readonly adminKey: string;
  readonly databaseUrl: () => string;
  /** Starts it; resolves when the API answers. */
  readonly start: () => Promise<void>;
  /** Everything that it has shown on the terminal. */
  readonly output: () => string;
  /** Ends it as Ctrl-C does. */
  readonly stop: () => Promise<void>;
  /** kill -9 of every process of the data folder, the supervisor and both servers included. */
  readonly killAll: () => Promise<void>;
  /** kill -9 of one kind of process; the supervisor has to heal it. */
  readonly kill: (part: 'api' | 'worker' | 'postgres' | 'temporal') => void;
  /** Deletes what Temporal has stored; only while it does not run. */
  readonly deleteTemporalStore: () => void;
}

const UP = fileURLToPath(new URL('../../../scripts/up.ts', import.meta.url));

const PARTS = {
  api: /api\/main\.ts/,
  worker: /worker\/main\.ts/,
  // The postmaster alone: its children end with it.
  postgres: /\/bin\/postgres\0-D/,
  temporal: /server\0start-dev/,
} as const;

interface Found {
  readonly pid: number;
  readonly command: string;
}

/** Processes whose command or environment names the data folder. */
function processesOf(dataFolder: string): Found[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        const environment = readFileSync(`/proc/${name}/environ`, 'utf8');
        const ours = command.includes(dataFolder) || environment.includes(`DURABILL_DATA_DIR=${dataFolder}`);
        return ours && command !== '' ? [{ pid: Number(name), command }] : [];
      } catch {
        return [];
      }
    });
}

const killEach = (processes: readonly Found[]): void => {
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
};

/** @param folder where the data folder is made; by default a new one of the run's. */
export async function supervisedDurabill(
  environment: Readonly<Record<string, string>> = {},
  folder = mkdtempSync(join(runFolder(), 'supervised-')),
): Promise<SupervisedDurabill> {
  // As root PostgreSQL runs as a user of its own, who has to get in.
  chmodSync(folder, 0o755);
  const dataFolder = join(folder, 'data');
  const log = `${folder}.up.log`;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const adminKey = 'the-admin-key-of-a-test';
  let child: ChildProcess | undefined;
  const answers = (): Promise<boolean> =>
    fetch(`${url}/ready`).then(
      (response) => response.ok,
      () => false,
    );
  return {
    url,
    adminKey,
    databaseUrl: () => {
      const { port: databasePort } = JSON.parse(readFileSync(join(dataFolder, 'postgres.json'), 'utf8')) as {
        port: number;
      };
      return `postgresql://durabill@127.0.0.1:${databasePort}/durabill`;
    },
    start: async () => {
      const output = createWriteStream(log, { flags: 'a' });
      const started = spawn(process.execPath, [UP], {
        env: {
          PATH: process.env['PATH'],
          HOME: process.env['HOME'],
          NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
          DURABILL_DATA_DIR: dataFolder,
          DURABILL_ADMIN_KEY: adminKey,
          DURABILL_DEMO: 'false',
          PORT: String(port),
          DURABILL_WORKFLOW_BUNDLE: await workflowBundleFile(environment),
          ...environment,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      if (started.pid !== undefined) recordProcess(runFolder(), started.pid);
      started.stdout.pipe(output);
      started.stderr.pipe(output);
      await until(async () => started.exitCode !== null || (await answers()), 'durabill starts', 90_000);
      if (started.exitCode !== null) throw new Error(`durabill did not start:\n${readFileSync(log, 'utf8')}`);
      for (const { pid } of processesOf(dataFolder)) recordProcess(runFolder(), pid);
    },
    output: () => readFileSync(log, 'utf8'),
    stop: async () => {
      const ending = child;
      if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
      const ended = new Promise((resolve) => ending.once('exit', resolve));
      ending.kill('SIGTERM');
      await ended;
    },
    killAll: async () => {
      killEach(processesOf(dataFolder));
      await until(() => {
        const left = processesOf(dataFolder);
        killEach(left);
        return left.length === 0;
      }, 'every process is gone');
    },
    kill: (part) => {
      const found = processesOf(dataFolder).filter(({ command }) => PARTS[part].test(command));
      if (found.length === 0) throw new Error(`no process is ${part}`);
      killEach(found);
    },
    deleteTemporalStore: () => {
      const store = join(dataFolder, 'temporal');
      if (!existsSync(store)) throw new Error(`there is no ${store}`);
      rmSync(store, { recursive: true });
    },
  };
}
