import { readFileSync, readdirSync } from 'node:fs';

/** What `/proc/<pid>/stat` says of a process's time, in ticks of a hundredth of a second. */
export interface ProcessTimes {
  readonly parent: number;
  /** Its own, user and system. */
  readonly own: number;
  /** Of those children that have ended and for which it has waited. */
  readonly ended: number;
}

/** CPU milliseconds by role: worker, API, Temporal, PostgreSQL. */
export type Cpu = Readonly<Record<string, number>>;

const MS_A_TICK = 10;

/**
 * Reads one line of `/proc/<pid>/stat`. The name in it is in parentheses and may hold blanks and parentheses itself.
 *
 * @example processTimes('7 (postgres: a (b) c) S 3 7 7 0 -1 0 0 0 0 0 12 5 40 9 20 0') // { parent: 3, own: 17, ended:
 * 49 }
 */
export function processTimes(line: string): ProcessTimes | undefined {
  const fields = line
    .slice(line.lastIndexOf(')') + 2)
    .trim()
    .split(' ')
    .map(Number);
  const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map((place) => fields[place]);
  if (parent === undefined || user === undefined || system === undefined) return undefined;
  if (endedUser === undefined || endedSystem === undefined) return undefined;
  return { parent, own: user + system, ended: endedUser + endedSystem };
}

/**
 * Ticks of a process, of the children it has, and of those it has had. A PostgreSQL backend ends when a pool leaves its
 * connection idle, and its work with it, unless the postmaster's children that have ended are counted too.
 */
export function familyTicks(pid: number, processes: ReadonlyMap<number, ProcessTimes>): number | undefined {
  const head = processes.get(pid);
  if (head === undefined) return undefined;
  const children = [...processes.values()].filter(({ parent }) => parent === pid);
  return [head, ...children].reduce((sum, { own, ended }) => sum + own + ended, 0);
}

/** CPU milliseconds that a process and its children have used so far; NaN where the system does not tell (macOS). */
export function cpuMsOf(pid: number): number {
  const ticks = familyTicks(pid, allProcesses());
  return ticks === undefined ? Number.NaN : ticks * MS_A_TICK;
}

/** What each role used between two readings. A role that came meanwhile counts from its start. */
export const cpuSince = (before: Cpu, after: Cpu): Cpu =>
  Object.fromEntries(Object.entries(after).map(([role, ms]) => [role, ms - (before[role] ?? 0)]));

/** Of all roles together, for each of so many pieces of work. */
export const cpuEach = (cpu: Cpu, pieces: number): number =>
  Object.values(cpu).reduce((sum, ms) => sum + ms, 0) / pieces;

export const cpuOf = (cpu: Cpu, ...roles: readonly string[]): Cpu =>
  Object.fromEntries(Object.entries(cpu).filter(([role]) => roles.includes(role)));

export const cpuTogether = (...parts: readonly Cpu[]): Cpu => {
  const sum: Record<string, number> = {};
  for (const part of parts) for (const [role, ms] of Object.entries(part)) sum[role] = (sum[role] ?? 0) + ms;
  return sum;
};

/** Megabytes that a process has in memory. */
export const memoryMbOf = (pid: number): number => megabytesOf(pid, 'VmRSS');

/** Megabytes that a process had in memory at most, in all its life so far; NaN where the system does not tell. */
export const peakMemoryMbOf = (pid: number): number => megabytesOf(pid, 'VmHWM');

function megabytesOf(pid: number, name: string): number {
  const line = quietly(`/proc/${pid}/status`)
    .split('\n')
    .find((one) => one.startsWith(`${name}:`));
  const [, kilobytes] = /(\d+) kB$/.exec(line ?? '') ?? [];
  return Number(kilobytes ?? Number.NaN) / 1024;
}

function allProcesses(): Map<number, ProcessTimes> {
  const found = new Map<number, ProcessTimes>();
  for (const name of quietlyListed('/proc')) {
    const times = /^\d+$/.test(name) ? processTimes(quietly(`/proc/${name}/stat`)) : undefined;
    if (times) found.set(Number(name), times);
  }
  return found;
}

/** A process may be gone by the time it is asked about, and not every system has the folder. */
function quietly(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function quietlyListed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
