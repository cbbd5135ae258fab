import { spawn } from 'node:child_process';

export interface CommandResult {
  /** undefined when it was killed because its time was over. */
  readonly exitCode: number | undefined;
  /** What it wrote to both outputs, in the order in which it came. */
  readonly output: string;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a program to its end, without a shell, and gives back what it wrote. */
export function runCommand(
  program: string,
  parameters: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const child = spawn(program, parameters, {
    cwd: options.cwd,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const limit = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(limit);
      resolve({ exitCode: code ?? undefined, output });
    });
  });
}
