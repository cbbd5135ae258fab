// What the supervisor and its processes do when a file cannot be written. The whole of it is
// tests/faults/full-disk.test.ts.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, closeSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { recall, writeWhole } from '../../../scripts/up/remembered.ts';
import { makeAnnouncer, type Announcer } from '../../../scripts/up/announcer.ts';
import { isDiskFull, saysDiskIsFull, watchDisk } from '../../../scripts/up/disk-watch.ts';
import { keepServerRunning } from '../../../scripts/up/kept-server.ts';
import { openRunState } from '../../../scripts/up/run-state.ts';
import { REPOSITORY } from '../../support/repository.ts';
import { runFolder } from '../../support/processes/run-folder.ts';
import { until } from '../../support/until.ts';

const newFolder = (): string => mkdtempSync(join(runFolder(), 'full-'));

function quietAnnouncer(): { readonly announce: Announcer; readonly lines: string[] } {
  const lines: string[] = [];
  const say = (text: string): void => void lines.push(text);
  return { lines, announce: { step: say, done: say, warn: say, fail: say, plain: say } };
}

test('a process goes on when its log cannot be written', async () => {
  const full = openSync('/dev/full', 'a');
  const log = pathToFileURL(join(REPOSITORY, 'worker/process/process-log.ts')).href;
  const code = `
    const { processLog } = await import(${JSON.stringify(log)});
    const log = processLog('api', 'info');
    for (let line = 0; line < 20_000; line += 1) log.info({ text: 'x'.repeat(100) }, 'lost');
    console.log('lost, too');
    process.stdout.write('and this');
    setTimeout(() => { log.info('later'); process.exit(7); }, 10);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', full, 'inherit'] });
  closeSync(full);
  expect(await once(child, 'exit')).toEqual([7, null]);
});

test('the announcer goes on when its file cannot be written', () => {
  const folder = newFolder();
  const file = join(folder, 'supervisor.log');
  const announce = makeAnnouncer(() => file);
  rmSync(folder, { recursive: true });
  expect(() => announce.warn('a test looks whether this can be told without a file')).not.toThrow();
  expect(existsSync(file)).toBe(false);
});

test('the run state goes on in memory, and is whole again with the next write that succeeds', () => {
  const folder = newFolder();
  const file = join(folder, 'run-state.json');
  const state = openRunState(file, true);
  rmSync(folder, { recursive: true });
  state.change({ port: 4000 });
  expect(state.now.port).toBe(4000);
  expect(() => openRunState(file, true)).toThrow('ENOENT');
  expect(() => writeWhole(file, 'text')).toThrow('ENOENT');
});

test('a file that cannot be written whole leaves no draft', () => {
  const folder = newFolder();
  // A folder cannot be replaced by a file.
  expect(() => writeWhole(folder, 'text')).toThrow();
  expect(readdirSync(join(folder, '..')).filter((name) => name.endsWith('.new'))).toEqual([]);
  writeWhole(join(folder, 'kept.json'), '{"port":1}');
  expect(recall(join(folder, 'kept.json'))).toEqual({ port: 1 });
  expect(readFileSync(join(folder, 'kept.json'), 'utf8')).toBe('{"port":1}');
});

describe('the watch over the disk', () => {
  test('tells once that it is full, and once that there is room again', async () => {
    const { announce, lines } = quietAnnouncer();
    let free = 1e9;
    let looks = 0;
    let room = 0;
    const freeBytes = (): number => {
      looks += 1;
      if (looks === 2) throw new Error('the folder cannot be asked now');
      return free;
    };
    const stop = watchDisk({ folder: '/data', announce, onRoom: () => (room += 1), freeBytes, everyMs: 5 });
    const lookedAgain = async (): Promise<void> => {
      const before = looks;
      await until(() => looks >= before + 2, 'it looks again');
    };
    await lookedAgain();
    expect(lines).toEqual([]);
    free = 1e6;
    await lookedAgain();
    // A little room is not told as room.
    free = 20e6;
    await lookedAgain();
    expect([lines.length, room]).toEqual([1, 0]);
    expect(lines[0]).toContain('The disk that holds /data is full (1.0 MB are left)');
    free = 1e9;
    await lookedAgain();
    stop();
    expect([lines[1], lines.length, room]).toEqual(['There is room again on the disk that holds /data', 2, 1]);
  });

  test.each([
    [0, true],
    [15e6, true],
    [17e6, false],
  ])('%d free bytes', (free, full) => {
    expect(isDiskFull('/data', () => free)).toBe(full);
  });

  test.each([
    [Object.assign(new Error('x'), { code: 'ENOSPC' }), true],
    [new Error('x', { cause: Object.assign(new Error('y'), { code: 'EDQUOT' }) }), true],
    [new Error('PostgreSQL did not start: could not write lock file: No space left on device'), true],
    [new Error('Temporal did not start: database or disk is full (13)'), true],
    [Object.assign(new Error('x'), { code: 'EACCES' }), false],
  ])('%s', (error, full) => {
    expect(saysDiskIsFull(error)).toBe(full);
  });
});

test('a server that cannot be started again is tried for as long as it takes, and the same reason is told once', async () => {
  const { announce, lines } = quietAnnouncer();
  const gone = { identity: { pid: 0, startedAt: 'never' }, stop: () => Promise.resolve() };
  const here = { identity: { pid: process.pid, startedAt: 'now' }, stop: () => Promise.resolve() };
  let tries = 0;
  const kept = keepServerRunning({
    name: 'PostgreSQL',
    server: gone,
    announce,
    start: () => {
      tries += 1;
      return tries < 4 ? Promise.reject(new Error(`No space left, says process ${tries}`)) : Promise.resolve(here);
    },
  });
  await until(() => lines.includes('PostgreSQL runs again'), 'it runs again');
  await kept.stop();
  expect(lines.slice(0, 3)).toEqual([
    'PostgreSQL ended unexpectedly: starting it again',
    'PostgreSQL cannot be started again yet: No space left, says process 1',
    'PostgreSQL runs again',
  ]);
});
