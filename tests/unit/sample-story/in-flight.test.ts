import { expect, test } from '@jest/globals';
import { inFlight } from '../../../scripts/sample-story/in-flight.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('does everything, no more than the limit at a time', async () => {
  const done: number[] = [];
  let working = 0;
  let most = 0;
  await inFlight(3, [1, 2, 3, 4, 5, 6, 7], async (item) => {
    most = Math.max(most, (working += 1));
    await turn();
    working -= 1;
    done.push(item);
  });
  expect(new Set(done)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]));
  expect(done).toHaveLength(7);
  expect(most).toBe(3);
});

test('begins nothing after an error, and rejects only when what was begun has ended', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = async (item: number): Promise<void> => {
    begun.push(item);
    await turn();
    if (item === 1) throw new Error('refused');
    await turn();
    ended.push(item);
  };
  await expect(inFlight(2, [1, 2, 3, 4], work)).rejects.toThrow('refused');
  expect(begun).toEqual([1, 2]);
  expect(ended).toEqual([2]);
});

test('of several errors shows the one that came first', async () => {
  const work = async (item: string): Promise<void> => {
    if (item === 'late') await turn();
    throw new Error(item);
  };
  await expect(inFlight(2, ['late', 'early'], work)).rejects.toThrow('early');
});
