import { describe, expect, test } from '@jest/globals';
import type { StoredChargeFilter } from '../../../billing/charges/charge-split.ts';
import { filterListChange, wantedFilters } from '../../../billing/plans/charge-filter-list.ts';
import type { KeyLists } from '../../../billing/usage/bucket-condition.ts';

const NAMES = Array.from({ length: 500 }, (_, index) => `v${index}`);
const DECLARED = [{ key: 'cloud', values: NAMES }];
const AT = new Date('2026-01-01T00:00:00Z');

const present = (id: string, values: KeyLists, amount = '1'): StoredChargeFilter => ({
  id,
  values,
  properties: { amount },
  createdAt: AT,
});
const asked = (values: KeyLists, amount = '1') => ({ values, properties: { amount }, invoiceDisplayName: null });

const changeOf = (commands: readonly ReturnType<typeof asked>[], there: readonly StoredChargeFilter[]) => {
  const { save, drop } = filterListChange(there, wantedFilters(commands, there, 'standard', DECLARED));
  return { save: save.map(({ id, position }) => [id, position]), drop };
};

const [V0, V1, V2] = [{ cloud: ['v0'] }, { cloud: ['v1'] }, { cloud: ['v2'] }];

describe('what becomes of the filters of a charge', () => {
  test('of 500 with one other price one is saved', () => {
    const there = NAMES.map((name) => present(name, { cloud: [name] }));
    const commands = NAMES.map((name) => asked({ cloud: [name] }, name === 'v7' ? '2' : '1'));
    expect(changeOf(commands, there)).toEqual({ save: [['v7', 7]], drop: [] });
  });

  test('what is not named goes, what is new has no id yet', () => {
    const there = [present('a', V0), present('b', V1)];
    expect(changeOf([asked(V0), asked(V2)], there)).toEqual({ save: [[null, 1]], drop: ['b'] });
    expect(changeOf([], there)).toEqual({ save: [], drop: ['a', 'b'] });
  });

  test('another order is the order from then on', () => {
    const there = [present('a', V0), present('b', V1)];
    expect(changeOf([asked(V1), asked(V0)], there)).toEqual({
      save: [
        ['b', 0],
        ['a', 1],
      ],
      drop: [],
    });
  });

  test('of several with the same values each item finds one, the first first', () => {
    const there = [present('a', { cloud: ['v0', 'v1'] }), present('b', { cloud: ['v1', 'v0'] })];
    const same = asked({ cloud: ['v1', 'v0'] });
    expect(wantedFilters([same, same, same], there, 'standard', DECLARED).map(({ id }) => id)).toEqual([
      'a',
      'b',
      null,
    ]);
    expect(changeOf([same], there).drop).toEqual(['b']);
  });
});
