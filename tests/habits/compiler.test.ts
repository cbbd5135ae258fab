import { expect, test } from '@jest/globals';
import { runInstalled } from '../support/installed-program.ts';

test('the compiler finds nothing', async () => {
  expect(await runInstalled('tsc', [])).toEqual({ exitCode: 0, output: '' });
});
