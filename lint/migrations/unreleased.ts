import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Release {
  readonly migrations: readonly string[];
}

/** The files of the migrations that no release has brought to anybody yet (`releases/`). */
export function unreleasedMigrations(repository: string): string[] {
  const releases = join(repository, 'releases');
  const released = new Set(
    readdirSync(releases)
      .filter((file) => file.endsWith('.json'))
      .flatMap((file) => (JSON.parse(readFileSync(join(releases, file), 'utf8')) as Release).migrations),
  );
  const folder = join(repository, 'db', 'migrations');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !released.has(file.replace(/\.ts$/, '')))
    .toSorted()
    .map((file) => join(folder, file));
}
