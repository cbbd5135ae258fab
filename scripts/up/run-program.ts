import { spawn } from 'node:child_process';

export interface ProgramResult {
  /** undefined: ended by a signal. */
  readonly exitCode: number | undefined;
  /** What it printed, standard output and errors in order. */
  readonly output: string;
}

export interface ProgramOptions {
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly folder?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly limitMs?: number;
  readonly onOutput?: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a program to its end and collects what it prints.
 *
 * @throws the system's error when it cannot be started (`ENOENT`, `EACCES`, `EPERM`), or AbortError when the signal
 * ended it.
 */
export function runProgram(
  program: string,
  programArguments: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, programArguments, {
      ...options.user,
      cwd: options.folder ?? '/',
      env: options.environment ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      killSignal: 'SIGKILL',
      ...(options.limitMs === undefined ? {} : { timeout: options.limitMs }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let output = '';
    const collect = (text: string) => {
      output = (output + text).slice(-20_000);
      options.onOutput?.(text);
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? undefined, output: output.trim() }));
  });
}
