import { constants } from 'node:os';

/** Why a process is to stop. */
export type ShutdownReason =
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  /** The supervisor has ended without saying goodbye (kill -9). */
  | { readonly kind: 'parent gone' };

export interface ShutdownOptions {
  /** After this long the process ends as it is, with exit code 1. */
  readonly limitMs?: number;
}

const LIMIT_MS = 25_000;
/**
 * Ctrl-C in a terminal reaches us twice within moments: from the terminal and passed on by npm. Only a later signal is
 * the second thought of a person.
 */
const SAME_SIGNAL_MS = 700;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The kernel lets no signal end the first process of a container unless it listens for it: while it starts, too, when
 * there is nothing to finish yet.
 */
if (process.pid === 1) {
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (begin === undefined) process.exit(128 + constants.signals[signal]);
    });
  }
}

let begin: ((reason: ShutdownReason) => void) | undefined;

/**
 * Says how this process stops, once for a process: at a signal, or when its parent is gone. When `stop` has ended,
 * nothing may be left to do: the process ends by itself, with exit code 0. A second signal ends it at once.
 */
export function onShutdown(stop: (reason: ShutdownReason) => Promise<void>, options: ShutdownOptions = {}): void {
  if (begin) throw new Error('onShutdown was called before');
  let begun: number | undefined;
  begin = (reason) => {
    if (begun !== undefined) {
      if (reason.kind === 'signal' && performance.now() - begun > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    begun = performance.now();
    const limitMs = options.limitMs ?? LIMIT_MS;
    setTimeout(() => {
      process.stderr.write(`Not stopped after ${limitMs / 1000} s: ended as it is.\n`);
      process.exit(1);
    }, limitMs).unref();
    void finish(stop, reason);
  };
  for (const signal of SIGNALS) process.on(signal, () => begin?.({ kind: 'signal', signal }));
}

async function finish(stop: (reason: ShutdownReason) => Promise<void>, reason: ShutdownReason): Promise<void> {
  try {
    await stop(reason);
    process.exitCode ??= 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  }
  // The channel to the parent would keep the process alive.
  if (process.connected) process.disconnect();
}

/** Stops this process as a signal would; nothing happens when it is stopping already. */
export function shutDown(reason: ShutdownReason): void {
  begin?.(reason);
}
