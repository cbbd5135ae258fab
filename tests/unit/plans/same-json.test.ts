import { expect, test } from '@jest/globals';
import { isSameJson } from '../../../billing/plans/same-json.ts';

test.each([
  [{ a: 1, b: [2, null] }, { b: [2, null], a: 1 }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1 }, { b: 1 }, false],
  [{ a: '1' }, { a: 1 }, false],
  [[1, 2], [2, 1], false],
  [[], {}, false],
  [null, {}, false],
  [null, null, true],
])('%j and %j: %p', (one, other, same) => {
  expect(isSameJson(one, other)).toBe(same);
});
