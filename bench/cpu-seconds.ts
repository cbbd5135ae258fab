import { readFileSync, readdirSync } from 'node:fs';

const TICKS_A_SECOND = 100;

const fieldsOf = (pid: number | string): readonly string[] =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');

/** CPU seconds that a process and its children have used so far; 0 where the system does not tell (macOS). */
export function cpuSecondsOf(pid: number): number {
  try {
    const family = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => Number(name) === pid || parentOf(name) === pid);
    return family.reduce((sum, name) => sum + ticksOf(name), 0) / TICKS_A_SECOND;
  } catch {
    return 0;
  }
}

/** What each role used between two readings. A role that came meanwhile counts from its start. */
export const cpuSince = (
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(after).map(([role, seconds]) => [role, seconds - (before[role] ?? 0)]));

const parentOf = (pid: string): number => quietly(() => Number(fieldsOf(pid)[1]));

const ticksOf = (pid: string): number => quietly(() => Number(fieldsOf(pid)[11]) + Number(fieldsOf(pid)[12]));

/** A process may be gone by the time it is asked about. */
function quietly(read: () => number): number {
  try {
    return read();
  } catch {
    return 0;
  }
}
