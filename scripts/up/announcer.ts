import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs';
import { styleText } from 'node:util';
import { messageOf } from '../../telemetry/message-of.ts';

/**
 * Tells the person at the terminal what happens, a short line each, and keeps the same lines with their time in a file.
 */
export interface Announcer {
  /** Something begins or goes on. */
  step(text: string): void;
  done(text: string): void;
  /** Something unexpected that heals by itself. */
  warn(text: string): void;
  fail(text: string): void;
  /** As it is, on standard output. */
  plain(text: string): void;
}

const LOG_BYTES_MAX = 5_000_000;

/** @param logFile absent until there is a data folder. */
export function makeAnnouncer(logFile: () => string | undefined): Announcer {
  let keeps = true;
  const show = (stream: NodeJS.WriteStream, color: 'cyan' | 'green' | 'yellow' | 'red', mark: string, text: string) =>
    stream.write(`${styleText(color, mark, { stream })} ${text}\n`);
  const say: typeof show = (stream, color, mark, text) => {
    const shown = show(stream, color, mark, text);
    const problem = keep(logFile(), `${mark} ${text}`);
    // The terminal is what matters; the file goes on when it can be written again.
    if (problem !== undefined && keeps)
      show(process.stdout, 'yellow', '!', `What is told here cannot be kept: ${problem}`);
    keeps = problem === undefined;
    return shown;
  };
  // The terminal may be gone before us.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return {
    step: (text) => void say(process.stdout, 'cyan', '›', text),
    done: (text) => void say(process.stdout, 'green', '✓', text),
    warn: (text) => void say(process.stdout, 'yellow', '!', text),
    fail: (text) => void say(process.stderr, 'red', '✗', text),
    plain: (text) => void process.stdout.write(`${text}\n`),
  };
}

/** @returns why the line could not be kept. */
function keep(file: string | undefined, line: string): string | undefined {
  if (file === undefined) return undefined;
  try {
    if (existsSync(file) && statSync(file).size > LOG_BYTES_MAX) renameSync(file, `${file}.1`);
    appendFileSync(file, `${new Date().toISOString()} ${line}\n`);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
