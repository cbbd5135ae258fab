// A client that is generated from the document compiles under strict types and works: types by openapi-typescript,
// requests by openapi-fetch.
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { REPOSITORY } from '../../support/repository.ts';
import { runCommand } from '../../support/processes/run-command.ts';
import { listeningApp, type Caller, type ListeningApp } from './listening-app.ts';

const SOURCES = join(REPOSITORY, 'tests/support/generated-client');

let app: ListeningApp;
let caller: Caller;
let folder: string;

beforeAll(async () => {
  app = await listeningApp();
  caller = await app.organization();
  folder = mkdtempSync(join(tmpdir(), 'durabill-client-'));
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'), 'junction');
  copyFileSync(join(SOURCES, 'program.ts.txt'), join(folder, 'program.ts'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  const { body } = await app.send('', 'GET', '/openapi.json');
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(body));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await app.close();
});

const run = (...parameters: readonly string[]) =>
  runCommand(process.execPath, parameters, { cwd: folder, timeoutMs: 120_000 });

test('a client that is generated from the document compiles strictly, and its program works', async () => {
  const generate = join(SOURCES, 'generate.ts');
  expect(await run(generate, 'openapi.json', 'types.ts')).toMatchObject({ exitCode: 0 });
  const strict = [
    '--strict',
    '--noEmit',
    '--skipLibCheck',
    '--exactOptionalPropertyTypes',
    '--noUncheckedIndexedAccess',
  ];
  const modules = ['--target', 'esnext', '--module', 'esnext', '--moduleResolution', 'bundler', '--types', 'node'];
  const compiler = join(REPOSITORY, 'node_modules/typescript/bin/tsc');
  expect(await run(compiler, ...strict, ...modules, 'program.ts')).toEqual({ exitCode: 0, output: '' });
  const { exitCode, output } = await run('program.ts', app.url, caller.key);
  expect({ exitCode, answer: JSON.parse(output) as unknown }).toEqual({
    exitCode: 0,
    answer: {
      model: 'graduated',
      ranges: 2,
      subscriptions: 0,
      total: 0,
      filtered: 0,
      status: 403,
      code: 'feature_unavailable',
      wrong: 'gradual',
    },
  });
});
