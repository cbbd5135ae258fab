import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project. */
export const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

/** What is made by installing, running and building, not written by us (.gitignore). */
const MADE = new Set(['node_modules', '.git', '.data', '.cache', 'coverage']);

/** The files of the project below a folder, as paths from the project's root with `/`, sorted. */
export function filesOfRepository(folder = '.'): string[] {
  const walk = (directory: string): string[] =>
    readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
      if (MADE.has(entry.name)) return [];
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return walk(path);
      return entry.isFile() ? [relative(REPOSITORY, path).replaceAll(sep, '/')] : [];
    });
  return walk(join(REPOSITORY, folder)).toSorted();
}
