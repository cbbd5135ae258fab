import { expect, test } from '@jest/globals';
import { refuseAdvance, refuseJump } from '../../../billing/test-clock/clock-range.ts';
import { invalid } from '../../../billing/refusal.ts';

const at = (day: string) => new Date(`${day}T00:00:00Z`);
const NOW = at('2026-01-31');

const refusalOf = (work: () => void): unknown => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
};

test.each([
  ['2026-01-31', undefined],
  ['2046-01-31', undefined],
  ['2026-01-30', 'cannot_be_in_past'],
  ['2046-02-01', 'cannot_be_more_than_20_years_ahead'],
])('a clock at 2026-01-31 goes on to %s: %p', (to, code) => {
  const refusal = code === undefined ? undefined : invalid({ frozen_time: [code] });
  expect(refusalOf(() => refuseAdvance(NOW, at(to)))).toEqual(refusal);
});

test.each([
  ['1990-01-01', '2026-01-31', undefined],
  ['1990-01-01', '2046-02-01', 'cannot_be_more_than_20_years_ahead'],
  ['2040-01-01', '2060-01-01', undefined],
  ['2026-01-31', '0999-12-31', 'value_is_out_of_range'],
])('in January 2026 a clock at %s jumps to %s: %p', (from, to, code) => {
  const refusal = code === undefined ? undefined : invalid({ frozen_time: [code] });
  expect(refusalOf(() => refuseJump(at(from), NOW, at(to)))).toEqual(refusal);
});
