import { styleText } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { makeProgress } from '../../../scripts/sample-story/progress.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Shows a step that has come to `soFar` after `milliseconds`, and is then done. */
async function shown(terminal: { columns: number } | undefined, milliseconds: number, soFar: string) {
  const written: string[] = [];
  const progress = makeProgress({ write: (text) => written.push(text), terminal });
  const value = await progress.step('Sending', async (tell) => {
    tell(soFar);
    await jest.advanceTimersByTimeAsync(milliseconds);
    return { done: 'Sent', value: 42 };
  });
  expect(value).toBe(42);
  return {
    written,
    text: written.join('').replaceAll(styleText('cyan', '›'), '›').replaceAll(styleText('green', '✓'), '✓'),
  };
}

describe('without a terminal', () => {
  test('a short step is one line', async () => {
    expect((await shown(undefined, 900, '1 of 2')).text).toBe('✓ Sent\n');
  });

  test('a long step says from time to time how far it has come', async () => {
    const { text } = await shown(undefined, 25_000, '1 of 2');
    expect(text).toBe('› Sending: 1 of 2 (10.0 s)\n› Sending: 1 of 2 (20.0 s)\n✓ Sent (25.0 s)\n');
  });
});

describe('on a terminal', () => {
  test('the line moves, and what it said last is written over', async () => {
    const { written, text } = await shown({ columns: 80 }, 2000, '1 of 2');
    expect(written.length).toBeGreaterThan(15);
    expect(text).toContain('\r\u001B[2K› Sending: 1 of 2 (1.5 s)\r\u001B[2K');
    expect(text.endsWith('\r\u001B[2K✓ Sent (2.0 s)\n')).toBe(true);
    expect(text.match(/\n/g)).toHaveLength(1);
  });

  test('a line never wraps', async () => {
    const { text } = await shown({ columns: 20 }, 2000, 'very, very far');
    const lines = text.split('\r\u001B[2K').slice(1, -1);
    expect(Math.max(...lines.map((line) => line.length))).toBe(19);
  });
});

test('an error ends the step and its timer', async () => {
  const progress = makeProgress({ write: () => undefined, terminal: undefined });
  await expect(progress.step('Sending', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  expect(jest.getTimerCount()).toBe(0);
});
