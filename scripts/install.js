// Installs what package-lock.json names, unless that is done. Runs before anything is installed, on Node 20: no
// dependencies, no TypeScript.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...names) => join(root, ...names);
const stamp = at('node_modules', '.installed');
const node = at('node_modules', '.bin', 'node');
const lock = at('.cache', 'installing');

const lockFile = fs.readFileSync(at('package-lock.json'));
const wanted = createHash('sha256').update(lockFile).update(`${process.platform}-${process.arch}`).digest('hex');
const isInstalled = () => fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted && fs.existsSync(node);

if (!isInstalled()) {
  let held = false;
  try {
    takeLock();
    held = true;
    if (!isInstalled()) await install();
  } catch (error) {
    console.error(`✗ ${sentenceOf(error)}`);
    process.exitCode = 1;
  } finally {
    if (held) fs.rmSync(lock, { force: true });
  }
}

/** What the file system refuses has a code and a path, and is no mistake of ours. */
function sentenceOf({ code, path, message }) {
  if (code === undefined || path === undefined) return message;
  const why =
    code === 'ENOSPC' || code === 'EDQUOT' ? 'its disk is full: make room there' : `${code}: let this user write there`;
  return `The dependencies cannot be installed: ${path} cannot be written (${why}).`;
}

/** Of two starts in one checkout the second waits for the first. */
function takeLock() {
  fs.mkdirSync(at('.cache'), { recursive: true });
  let told = false;
  for (;;) {
    try {
      return fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    try {
      process.kill(Number(fs.readFileSync(lock, 'utf8')), 0);
      if (!told) console.log('› Waiting for another start, which installs the dependencies');
      told = true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    } catch (error) {
      if (error.code === 'ESRCH') fs.rmSync(lock, { force: true });
      else if (error.code !== 'ENOENT') throw error;
    }
  }
}

async function install() {
  // A link leads to another checkout's folder, which npm would empty: this checkout gets its own.
  if (fs.lstatSync(at('node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) fs.unlinkSync(at('node_modules'));
  console.log('› Installing the dependencies (once; about half a minute)');
  // The npm and the Node that started us: those in node_modules are about to be replaced.
  const npm = process.env.npm_execpath
    ? [process.env.npm_node_execpath ?? process.execPath, process.env.npm_execpath]
    : ['npm'];
  const options = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--progress=false',
    '--update-notifier=false',
  ];
  const child = spawn(npm[0], [...npm.slice(1), ...options, ...writableCache()], {
    cwd: root,
    env: {
      ...process.env,
      PATH: (process.env.PATH ?? '')
        .split(delimiter)
        .filter((folder) => !folder.endsWith('node_modules/.bin'))
        .join(delimiter),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  const { ppid } = process;
  const started = Date.now();
  let shown = started;
  const stop = () => {
    // Its whole group: npm runs scripts of packages.
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGTERM');
  };
  const watch = setInterval(() => {
    // npm passes a signal on to the shell alone: its end is what we notice.
    if (process.ppid !== ppid) stop();
    if (Date.now() - shown < 5000) return;
    shown = Date.now();
    console.log(`  ${Math.round((shown - started) / 1000)} s, ${progress()}`);
  }, 250);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  const code = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`npm could not be started: ${error.message}`)));
    child.once('exit', resolve);
  }).finally(() => clearInterval(watch));
  if (code !== 0) throw new Error('The dependencies could not be installed: see above for what npm says.');
  linkNode();
  fs.writeFileSync(stamp, wanted);
  console.log(`✓ Dependencies installed (${Math.round((Date.now() - started) / 1000)} s)`);
}

/** npm's cache may be in a home that belongs to somebody else: npm runs scripts as the owner of the checkout. */
function writableCache() {
  const cache = process.env.npm_config_cache;
  if (!cache) return [];
  try {
    fs.mkdirSync(cache, { recursive: true });
    fs.accessSync(cache, fs.constants.W_OK);
    return [];
  } catch {
    return ['--cache', at('.cache', 'npm')];
  }
}

function progress() {
  const isForHere = ({ os = [process.platform], cpu = [process.arch] }) =>
    os.includes(process.platform) && cpu.includes(process.arch);
  const packages = Object.entries(JSON.parse(lockFile).packages).flatMap(([path, about]) =>
    path && isForHere(about) ? [path] : [],
  );
  const there = packages.filter((path) => fs.existsSync(at(path, 'package.json'))).length;
  return `${there} of ${packages.length} packages`;
}

/** Node 24 comes as a package; where there is none for this platform, a new enough one that is here will do. */
function linkNode() {
  if (spawnSync(node, ['--version']).status === 0) return;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 18)) {
    throw new Error(
      `No Node comes with durabill for ${process.platform}-${process.arch}: install Node 24 and start again.`,
    );
  }
  fs.mkdirSync(at('node_modules', '.bin'), { recursive: true });
  fs.rmSync(node, { force: true });
  fs.symlinkSync(process.execPath, node);
}
