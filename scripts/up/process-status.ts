import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque: when the process started, in the system's own terms. */
  readonly startedAt: string;
}

/**
 * The identity of a running process; undefined when there is none. A zombie counts as none: after kill -9 it stays
 * until its parent has asked for it, in a container without an init process for ever.
 */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const status = process.platform === 'linux' ? linuxStatus(pid) : otherStatus(pid);
  return status === undefined || status.state.startsWith('Z') ? undefined : { pid, startedAt: status.startedAt };
}

interface Status {
  readonly state: string;
  readonly startedAt: string;
}

function linuxStatus(pid: number): Status | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in brackets and may hold anything; the third is the state, the 22nd the start
    // time.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? 'Z', startedAt: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function otherStatus(pid: number): Status | undefined {
  const { error, stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const found = error ? undefined : /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout);
  return found ? { state: found[1] ?? '', startedAt: found[2] ?? '' } : undefined;
}

export function isRunning(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt;
}

/** Waits until the process has ended; false when it still runs after the limit. */
export async function waitForEnd(identity: ProcessIdentity, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (isRunning(identity)) {
    if (performance.now() > end) return false;
    await wait(50);
  }
  return true;
}

/** Ends a process at once (kill -9); one that has ended already is fine. */
export function killHard(identity: ProcessIdentity): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, 'SIGKILL');
  } catch {
    // It ended in between, or belongs to somebody else: the caller looks again.
  }
}

/**
 * The processes whose working folder is this one: how the embedded servers are recognized when nobody has kept their
 * number. Linux only; elsewhere the answer is empty.
 */
export function processesWorkingIn(folder: string): ProcessIdentity[] {
  if (process.platform !== 'linux') return [];
  const found: ProcessIdentity[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (readlinkSync(`/proc/${name}/cwd`) !== folder) continue;
    } catch {
      continue;
    }
    const identity = identifyProcess(Number(name));
    if (identity) found.push(identity);
  }
  return found;
}
