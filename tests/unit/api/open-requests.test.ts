import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Request, Response } from 'express';
import { openRequests } from '../../../api/http/open-requests.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function counted() {
  const { count, pause } = openRequests();
  let pauses = 0;
  return {
    /** @returns its end. */
    open: (): (() => void) => {
      const response = new EventEmitter();
      count({} as Request, response as unknown as Response, () => undefined);
      return () => void response.emit('close');
    },
    wait: () => void pause().then(() => (pauses += 1)),
    pausesAfter: async (ms: number): Promise<number> => {
      await jest.advanceTimersByTimeAsync(ms);
      return pauses;
    },
  };
}

test('while nobody waits for an answer there is a pause', async () => {
  const requests = counted();
  requests.wait();
  expect(await requests.pausesAfter(5)).toBe(1);
});

test('there is none before the last open request is answered, and then for all who wait for one', async () => {
  const requests = counted();
  const [first, second] = [requests.open(), requests.open()];
  requests.wait();
  requests.wait();
  first();
  expect(await requests.pausesAfter(1000)).toBe(0);
  second();
  expect(await requests.pausesAfter(5)).toBe(2);
});

test('a client that asks again as soon as it is answered leaves none', async () => {
  const requests = counted();
  requests.wait();
  for (let asked = 0; asked < 10; asked += 1) {
    const end = requests.open();
    expect(await requests.pausesAfter(30)).toBe(0);
    end();
    expect(await requests.pausesAfter(4)).toBe(0);
  }
  expect(await requests.pausesAfter(1)).toBe(1);
});
