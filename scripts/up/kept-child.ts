import { spawn, type ChildProcess } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { identifyProcess, type ProcessIdentity } from './process-status.ts';
import type { Announcer } from './announcer.ts';
import { readableLine } from './readable-line.ts';

export interface ChildPlan {
  /** As a person reads it, such as `the worker`. */
  readonly name: string;
  /** The arguments of `node`. */
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly log: string;
}

/**
 * One of our own processes, started again whenever it ends. It says by IPC when it is ready: `process.send({ ready:
 * true })`.
 */
export interface KeptChild {
  /** Settles once: when it is ready for the first time, or will not be. */
  readonly ready: Promise<void>;
  readonly identity: ProcessIdentity | undefined;
  /** Ends it gracefully, or hard after the limit, and lets it be. */
  stop(limitMs: number): Promise<void>;
  /** Ends it gracefully and starts it again. */
  restart(limitMs: number): Promise<void>;
  /** Ends it at once and lets it be. */
  kill(): void;
}

export interface KeptChildEvents {
  readonly announce: Announcer;
  /** It has been started again. */
  readonly onStart: () => void;
  /** It ended too often before it was ever ready; the message says how. */
  readonly onGiveUp: (message: string) => void;
}

const CRASHES_MAX = 5;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 10_000;
/** An end within this time of getting ready is a crash in a row with the one before. */
const SETTLED_MS = 5000;
const READY_LIMIT_MS = 120_000;
const LOG_BYTES_MAX = 20_000_000;
const LINES_SHOWN = 20;
const LOOK_AT_LOG_EVERY_MS = 30_000;

export function keepChildRunning(plan: ChildPlan, events: KeptChildEvents): KeptChild {
  return new KeptProcess(plan, events);
}

/** One life of the process. */
interface Life {
  readonly child: ChildProcess;
  readonly identity: ProcessIdentity | undefined;
  /** Where in the log it begins. */
  logFrom: number;
  readonly ended: Promise<void>;
  readyAt: number | undefined;
}

class KeptProcess implements KeptChild {
  readonly ready: Promise<void>;
  readonly #plan: ChildPlan;
  readonly #events: KeptChildEvents;
  readonly #first = Promise.withResolvers<void>();
  #life: Life;
  #wanted = true;
  /** It has been ready: what ends it now may be mended by somebody, so it is started for as long as it takes. */
  #proven = false;
  #restarting = false;
  #crashesInARow = 0;
  #lastWords = '';
  #again: NodeJS.Timeout | undefined;

  constructor(plan: ChildPlan, events: KeptChildEvents) {
    this.#plan = plan;
    this.#events = events;
    this.ready = this.#first.promise;
    // Whoever waits for it gets the error; nobody needs to.
    this.ready.catch(() => undefined);
    this.#life = this.#start(false);
  }

  get identity(): ProcessIdentity | undefined {
    return this.#life.identity;
  }

  async stop(limitMs: number): Promise<void> {
    this.#wanted = false;
    this.#first.reject(new Error(`${this.#name} was stopped before it was ready.`));
    await this.#endGracefully(limitMs);
  }

  async restart(limitMs: number): Promise<void> {
    if (this.#restarting || !this.#wanted) return;
    this.#restarting = true;
    await this.#endGracefully(limitMs);
    this.#restarting = false;
    this.#startAgain();
  }

  kill(): void {
    this.#wanted = false;
    this.#life.child.kill('SIGKILL');
  }

  get #name(): string {
    return this.#plan.name.charAt(0).toUpperCase() + this.#plan.name.slice(1);
  }

  #start(isReplacement: boolean): Life {
    const logFrom = sizeOf(this.#plan.log);
    const child = launch(this.#plan);
    const ended = Promise.withResolvers<void>();
    const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
    const life: Life = { child, identity, logFrom, ended: ended.promise, readyAt: undefined };
    const limit = setTimeout(() => child.kill('SIGKILL'), READY_LIMIT_MS);
    const rotation = setInterval(() => keepLogSmall(this.#plan.log, life), LOOK_AT_LOG_EVERY_MS).unref();
    void ended.promise.then(() => clearInterval(rotation));
    child.on('message', (message) => {
      if (!isReady(message) || life.readyAt !== undefined) return;
      clearTimeout(limit);
      life.readyAt = performance.now();
      this.#proven = true;
      this.#first.resolve();
      if (isReplacement) this.#events.announce.done(`${this.#name} runs again`);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(limit);
      ended.resolve();
      const early = life.readyAt === undefined ? ' before it was ready' : '';
      // Nobody crashes by SIGKILL: somebody, or a system short of memory, has ended it.
      this.#onEnd(life, `${signal ? `by ${signal}` : `with code ${code}`}${early}`, signal !== 'SIGKILL');
    });
    child.on('error', (error) => {
      // Also told of a signal or a message that failed; without a number it has never been a process.
      if (child.pid !== undefined) return;
      clearTimeout(limit);
      ended.resolve();
      this.#onEnd(life, `(${error.message})`, true);
    });
    return life;
  }

  #startAgain(): void {
    if (!this.#wanted) return;
    this.#life = this.#start(true);
    this.#events.onStart();
  }

  #onEnd(life: Life, how: string, isCrash: boolean): void {
    if (!this.#wanted || this.#restarting) return;
    if (life.readyAt !== undefined && performance.now() - life.readyAt > SETTLED_MS) this.#crashesInARow = 0;
    if (isCrash) {
      this.#crashesInARow += 1;
      this.#showLastWords(life);
    }
    if (this.#crashesInARow >= CRASHES_MAX && !this.#proven) {
      this.#wanted = false;
      const message = `${this.#name} ended ${CRASHES_MAX} times in a row, at last ${how}: its log is ${this.#plan.log}`;
      this.#first.reject(new Error(message));
      this.#events.onGiveUp(message);
      return;
    }
    this.#events.announce.warn(`${this.#name} ended unexpectedly ${how}: starting it again`);
    const isHasty = this.#crashesInARow > 0 || life.readyAt === undefined;
    const longer = FIRST_DELAY_MS * 2 ** Math.min(10, Math.max(0, this.#crashesInARow - 1));
    const delay = isHasty ? Math.min(LONGEST_DELAY_MS, longer) : 0;
    this.#again = setTimeout(() => this.#startAgain(), delay);
  }

  /** What it wrote last in this life of its; the same words are shown once. */
  #showLastWords(life: Life): void {
    const lines = textFrom(this.#plan.log, life.logFrom).trimEnd().split('\n');
    const words = lines.slice(-LINES_SHOWN).map((line) => `    ${readableLine(line)}\n`);
    if (words.join('') === this.#lastWords || lines.join('') === '') return;
    this.#lastWords = words.join('');
    process.stderr.write(this.#lastWords);
  }

  async #endGracefully(limitMs: number): Promise<void> {
    clearTimeout(this.#again);
    const { child, ended } = this.#life;
    const hard = setTimeout(() => child.kill('SIGKILL'), limitMs);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(hard);
  }
}

/** In a session of its own: Ctrl-C in our terminal reaches the supervisor alone, which stops everything in order. */
function launch(plan: ChildPlan): ChildProcess {
  const log = openLog(plan.log);
  try {
    return spawn(process.execPath, plan.command, {
      env: plan.environment,
      detached: true,
      stdio: ['ignore', log ?? 'ignore', log ?? 'ignore', 'ipc'],
    });
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

/** undefined: it cannot be opened, on a full disk for example, and the child runs without it. */
function openLog(log: string): number | undefined {
  try {
    if (sizeOf(log) > LOG_BYTES_MAX) renameSync(log, `${log}.1`);
    return openSync(log, 'a');
  } catch {
    return undefined;
  }
}

/** The child goes on writing to the same file, at its end: what is there is copied away and cut off. */
function keepLogSmall(log: string, life: Life): void {
  if (sizeOf(log) <= LOG_BYTES_MAX) return;
  const copy = `${log}.1`;
  try {
    copyFileSync(log, copy);
  } catch {
    // No room for a copy: it would be cut short, and the log cannot grow either.
    rmSync(copy, { force: true });
    return;
  }
  truncateSync(log);
  life.logFrom = 0;
}

function textFrom(log: string, offset: number): string {
  try {
    return readFileSync(log).subarray(offset).toString('utf8');
  } catch {
    return '';
  }
}

function isReady(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'ready' in message && message.ready === true;
}

const sizeOf = (file: string) => (existsSync(file) ? statSync(file).size : 0);
