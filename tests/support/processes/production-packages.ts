import { copyFileSync, linkSync, mkdirSync, readFileSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../repository.ts';

/** As npm has installed it: a folder below the repository, such as `node_modules/express`, and what is known of it. */
type Installed = Readonly<Record<string, { readonly dev?: true }>>;

/**
 * Gives a copy of the repository what `npm ci --omit=dev` would install, from what is installed here: the same
 * packages, chosen by the marks of npm, without unpacking them again. The files are links to those here: nothing may
 * write into them.
 */
export function linkProductionPackages(folder: string): void {
  const installed = join(REPOSITORY, 'node_modules');
  const { packages } = JSON.parse(readFileSync(join(installed, '.package-lock.json'), 'utf8')) as {
    packages: Installed;
  };
  for (const [place, { dev }] of Object.entries(packages)) {
    // The packages inside of a package are listed by themselves.
    if (dev !== true) linkFolder(join(REPOSITORY, place), join(folder, place), 'node_modules');
  }
}

function linkFolder(from: string, to: string, without?: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (!entry.isDirectory()) linkFile(source, target);
    else if (entry.name !== without) linkFolder(source, target);
  }
}

function linkFile(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // The folder for temporary files may be another file system, or what is installed somebody else's.
    copyFileSync(from, to);
  }
}
