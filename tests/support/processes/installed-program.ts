import { join } from 'node:path';
import { REPOSITORY } from '../repository.ts';
import { runCommand, type CommandResult } from './run-command.ts';

/** Long enough for a busy machine; a program that takes longer hangs. */
const WITHIN_MS = 120_000;

/** Runs a program that a package brings (`node_modules/.bin`), under the Node that runs the tests. */
export function runInstalled(program: string, parameters: readonly string[], cwd = REPOSITORY): Promise<CommandResult> {
  return runCommand(process.execPath, [join(REPOSITORY, 'node_modules', '.bin', program), ...parameters], {
    cwd,
    timeoutMs: WITHIN_MS,
    environment: { NO_COLOR: '1', FORCE_COLOR: '0' },
  });
}
