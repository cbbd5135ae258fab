import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ReleaseRecord } from '../scripts/release/records.ts';

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean } & Readonly<Record<string, unknown>>>>;
}

/** What production installs, as text. */
function productionPackages(folder: string): string {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as Lock;
  return JSON.stringify(Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true));
}

function run(program: string, parameters: readonly string[], options: SpawnSyncOptions): void {
  const { status, error, stderr } = spawnSync(program, parameters, { stdio: ['ignore', 'ignore', 'pipe'], ...options });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${parameters[0]}: ${String(stderr)}`);
}

/**
 * Puts a release's files and packages into a folder.
 *
 * @throws Error when this copy of the repository does not have its commit.
 */
export function checkOutRelease(repository: string, { version, commit }: ReleaseRecord, folder: string): void {
  mkdirSync(folder);
  const archive = `${folder}.tar`;
  try {
    run('git', ['archive', '--output', archive, commit], { cwd: repository });
  } catch (error) {
    throw new Error(`The commit of ${version} is not here: git fetch --unshallow, or fetch its branch.`, {
      cause: error,
    });
  }
  run('tar', ['-xf', archive, '-C', folder], {});
  rmSync(archive);
  // The same packages need not be installed twice.
  if (productionPackages(folder) === productionPackages(repository)) {
    symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  } else {
    run('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund'], { cwd: folder });
  }
}
