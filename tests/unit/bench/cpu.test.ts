import { expect, test } from '@jest/globals';
import {
  cpuEach,
  cpuSince,
  cpuTogether,
  familyTicks,
  processTimes,
  type ProcessTimes,
} from '../../../bench/installation/cpu.ts';

/** A line of /proc/<pid>/stat up to the fields that we read: those after them change nothing. */
const stat = (name: string, parent: number, [user, system, endedUser, endedSystem]: readonly number[]): string =>
  `71 (${name}) S ${parent} 71 71 0 -1 4194560 900 5000 0 3 ${user} ${system} ${endedUser} ${endedSystem} 20 0 1 0 8000\n`;

test('reads the times of a process, and of its children that have ended', () => {
  expect(processTimes(stat('node', 9, [120, 30, 7, 5]))).toEqual({ parent: 9, own: 150, ended: 12 });
});

test.each(['postgres: durabill 1', 'a) S 1 (b', 'x '])('is not misled by the name "%s"', (name) => {
  expect(processTimes(stat(name, 9, [120, 30, 7, 5]))).toEqual({ parent: 9, own: 150, ended: 12 });
});

test('knows that a line which is none says nothing', () => {
  expect(processTimes('')).toBeUndefined();
  expect(processTimes('71 (node) Z')).toBeUndefined();
});

test('counts a server with the children it has and those it has had, and nobody else', () => {
  const postmaster = { parent: 1, own: 10, ended: 400 };
  const processes = new Map<number, ProcessTimes>([
    [50, postmaster],
    [51, { parent: 50, own: 25, ended: 0 }],
    [52, { parent: 50, own: 3, ended: 1 }],
    [60, { parent: 1, own: 9000, ended: 9000 }],
  ]);
  expect(familyTicks(50, processes)).toBe(439);
  // A backend that ends moves into what its postmaster has had: nothing is lost.
  processes.delete(51);
  processes.set(50, { ...postmaster, ended: 425 });
  expect(familyTicks(50, processes)).toBe(439);
  expect(familyTicks(99, processes)).toBeUndefined();
});

test('a role that came between two readings counts from its start', () => {
  const used = cpuSince({ worker: 1000, Temporal: 500 }, { worker: 1600, Temporal: 900, API: 200 });
  expect(used).toEqual({ worker: 600, Temporal: 400, API: 200 });
  expect(cpuEach(used, 100)).toBe(12);
  expect(cpuTogether(used, { worker: 100 })).toEqual({ worker: 700, Temporal: 400, API: 200 });
});
