import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs';
import { styleText } from 'node:util';

/** Tells the person at the terminal what happens, a short line each, and keeps the same lines with their time in a file. */
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
  const say = (stream: NodeJS.WriteStream, color: 'cyan' | 'green' | 'yellow' | 'red', mark: string, text: string) => {
    stream.write(`${styleText(color, mark, { stream })} ${text}\n`);
    keep(logFile(), `${mark} ${text}`);
  };
  // The terminal may be gone before us.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return {
    step: (text) => say(process.stdout, 'cyan', '›', text),
    done: (text) => say(process.stdout, 'green', '✓', text),
    warn: (text) => say(process.stdout, 'yellow', '!', text),
    fail: (text) => say(process.stderr, 'red', '✗', text),
    plain: (text) => void process.stdout.write(`${text}\n`),
  };
}

function keep(file: string | undefined, line: string): void {
  if (file === undefined) return;
  if (existsSync(file) && statSync(file).size > LOG_BYTES_MAX) renameSync(file, `${file}.1`);
  appendFileSync(file, `${new Date().toISOString()} ${line}\n`);
}
