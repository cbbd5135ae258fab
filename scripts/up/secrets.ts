import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writeWhole } from './remembered.ts';

/** Readable by its owner alone. */
const PRIVATE = 0o600;

/** The secret that the environment gives, or else the one in the file, which is made at the first start. */
export function keepSecret(file: string, given: string | undefined): string {
  if (given !== undefined) return given;
  const kept = readSecret(file);
  if (kept !== undefined) return kept;
  const made = randomBytes(32).toString('hex');
  writeSecret(file, made);
  return made;
}

export function readSecret(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() || undefined : undefined;
}

export function writeSecret(file: string, secret: string): void {
  writeWhole(file, `${secret}\n`, PRIVATE);
}
