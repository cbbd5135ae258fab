import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** What a file of the data folder remembers from an earlier start; nothing when it is missing or damaged. */
export function recall(file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Writes a file of the data folder so that a kill at any moment leaves either the old text or the new. */
export function writeWhole(file: string, text: string, mode = 0o644): void {
  const draft = `${file}.${process.pid}.new`;
  try {
    writeFileSync(draft, text, { mode });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Remembers plain data for the next start. */
export function remember(file: string, value: Readonly<Record<string, unknown>>, mode?: number): void {
  writeWhole(file, `${JSON.stringify(value, undefined, 2)}\n`, mode);
}
