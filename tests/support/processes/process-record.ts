import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The processes that a run of the tests started, each a file in the run's folder named by its pid. What is still listed
 * when the run ends, or when a later run finds the folder of a killed one, is ended by its pid, and by nothing broader.
 */
const PROCESSES = 'processes';

/** Remembers a process from its start. Its moment of birth is kept too: the system gives a pid out again. */
export function recordProcess(runFolder: string, pid: number): void {
  mkdirSync(join(runFolder, PROCESSES), { recursive: true });
  writeFileSync(join(runFolder, PROCESSES, String(pid)), birthOf(pid) ?? '');
}

/** Forgets a process that has ended. */
export function forgetProcess(runFolder: string, pid: number): void {
  rmSync(join(runFolder, PROCESSES, String(pid)), { force: true });
}

/** Kills what is left of the run's processes and says which pids that were. */
export function killRecorded(runFolder: string): number[] {
  const folder = join(runFolder, PROCESSES);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map(Number)
    .filter((pid) => {
      const born = readFileSync(join(folder, String(pid)), 'utf8');
      rmSync(join(folder, String(pid)));
      if (born === '' || birthOf(pid) !== born) return false;
      process.kill(pid, 'SIGKILL');
      return true;
    });
}

/** A text that tells a process from any later one with the same pid; undefined when there is no such process. */
export function birthOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    // After the command's name, which may hold spaces, field 3 is the state and field 22 the start in ticks since boot.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
