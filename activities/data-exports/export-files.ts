import { randomUUID } from 'node:crypto';

/** What begins the key of everything that an export stores. */
export const filesOf = (exportId: string): string => `data_exports/${exportId}`;

/** The key of the finished file (S069). */
export const fileKeyOf = (exportId: string): string => `${filesOf(exportId)}.csv`;

/**
 * A key for the lines of some parts. No two tries have the same one: whoever is late overwrites nothing that has been
 * recorded.
 */
export const partsKeyOf = (exportId: string, firstPart: number): string =>
  `${filesOf(exportId)}/${firstPart}-${randomUUID()}`;
