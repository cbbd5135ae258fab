/**
 * What `npm ci --omit=dev` installs is enough: every module can be imported, the workflows bundled, and the processes
 * started (S121).
 *
 * @inOrder The processes start on what is installed and bundled before.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startBare } from '../../support/processes/bare-process.ts';
import { freePort } from '../../support/servers/free-port.ts';
import { linkProductionPackages } from '../../support/processes/production-packages.ts';
import { REPOSITORY } from '../../support/repository.ts';
import { runCommand } from '../../support/processes/run-command.ts';
import { runFolder } from '../../support/processes/run-folder.ts';
import { testDatabase } from '../../support/servers/test-database.ts';
import { testTemporal } from '../../support/servers/test-temporal.ts';

const ROOMS = /^(api|activities|billing|db|shapes|telemetry|worker|workflows|scripts)\/.*\.ts$/;

const folder = mkdtempSync(join(runFolder(), 'production-'));
let tracked: string[];

beforeAll(() => {
  const { stdout } = spawnSync('git', ['ls-files', '-z'], { cwd: REPOSITORY, encoding: 'utf8' });
  tracked = stdout.split('\0').filter((file) => file !== '' && existsSync(join(REPOSITORY, file)));
  for (const file of tracked) cpSync(join(REPOSITORY, file), join(folder, file));
  linkProductionPackages(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what is there is what `npm ci --omit=dev` installs', async () => {
  const options = ['--omit=dev', '--dry-run', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { exitCode, output } = await runCommand('npm', ['install', ...options], { cwd: folder, timeoutMs: 120_000 });
  const differences = output.split('\n').filter((line) => /^(add|remove) /.test(line));
  expect({ exitCode, differences }).toEqual({ exitCode: 0, differences: [] });
  for (const name of ['jest', 'typescript', 'oxlint', 'lago-javascript-client']) {
    expect([name, existsSync(join(folder, 'node_modules', name))]).toEqual([name, false]);
  }
});

test('every module can be imported', async () => {
  // What exports nothing is a program: to import it is to run it, as the next test does with those that a server needs.
  const isModule = (file: string): boolean => /^export /m.test(readFileSync(join(REPOSITORY, file), 'utf8'));
  const modules = tracked.filter((file) => ROOMS.test(file) && isModule(file));
  expect(modules.length).toBeGreaterThan(200);
  const code = `
    const failed = [];
    for (const file of ${JSON.stringify(modules)}) {
      await import('${folder}/' + file).catch((error) => failed.push(file + ': ' + error.message));
    }
    console.log(failed.join('\\n'));
    process.exit(failed.length === 0 ? 0 : 1);`;
  const imported = await runCommand(process.execPath, ['--input-type=module', '-e', code], {
    cwd: folder,
    timeoutMs: 120_000,
  });
  expect(imported).toEqual({ exitCode: 0, output: '\n' });
});

test('the workflows are bundled, and migration, audit, API and worker run on it', async () => {
  const run = (file: string): string => join(folder, file);
  const bundled = startBare(run('scripts/bundle-workflows.ts'), {});
  expect([await bundled.ended, bundled.output()]).toEqual([0, expect.stringContaining('workflows.traced.js')]);
  const [database, temporal, port] = await Promise.all([testDatabase({ migrated: false }), testTemporal(), freePort()]);
  const environment = {
    DATABASE_URL: database.databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    DURABILL_TASK_QUEUE_PREFIX: `production-${port}-`,
    DURABILL_ADMIN_KEY: 'an-operator-key-for-tests',
    DURABILL_SECRET_KEY: 'a-secret-key-of-at-least-32-characters',
    DURABILL_WORKFLOW_BUNDLE: run('.cache/workflows.js'),
    PORT: String(port),
  };
  for (const program of ['scripts/migrate.ts', 'scripts/audit.ts']) {
    const bare = startBare(run(program), environment);
    expect([program, await bare.ended, bare.output()]).toEqual([program, 0, expect.anything()]);
  }
  const [api, worker] = [startBare(run('api/main.ts'), environment), startBare(run('worker/main.ts'), environment)];
  try {
    await Promise.all([api.logs('ready'), worker.logs('ready')]);
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
    api.signal('SIGTERM');
    worker.signal('SIGTERM');
    expect(await Promise.all([api.ended, worker.ended])).toEqual([0, 0]);
  } finally {
    api.signal('SIGKILL');
    worker.signal('SIGKILL');
    await Promise.all([api.ended, worker.ended]);
    await database.drop();
  }
});
