// What a run of the tests leaves behind is ended by its pid, and nothing else is (tests/support/processes/process-record.ts).
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { forgetProcess, recordProcess } from '../support/processes/process-record.ts';
import { removeRunFolder, runFolder } from '../support/processes/run-folder.ts';

const newFolder = (): string => mkdtempSync(join(runFolder(), 'leftover-'));

/** A process that would run for ever. */
function startForever(): { child: ChildProcess; pid: number } {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  const { pid } = child;
  if (pid === undefined) throw new Error('it was not started');
  recordProcess(runFolder(), pid);
  child.once('exit', () => forgetProcess(runFolder(), pid));
  return { child, pid };
}

test('a recorded process is killed with its run folder', async () => {
  const folder = newFolder();
  const { child, pid } = startForever();
  recordProcess(folder, pid);
  const ended = once(child, 'exit');
  expect(removeRunFolder(folder)).toEqual([pid]);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(existsSync(folder)).toBe(false);
});

test('a process that ended, or another one with its pid, is left alone', async () => {
  const folder = newFolder();
  const { child, pid } = startForever();
  const forgotten = startForever();
  recordProcess(folder, pid);
  recordProcess(folder, forgotten.pid);
  forgetProcess(folder, forgotten.pid);
  writeFileSync(join(folder, 'processes', String(pid)), 'born at another time');
  expect(removeRunFolder(folder)).toEqual([]);
  for (const one of [child, forgotten.child]) {
    expect(one.exitCode).toBeNull();
    const ended = once(one, 'exit');
    one.kill('SIGKILL');
    await ended;
  }
});
