import { expect, test } from '@jest/globals';
import { monthsBack } from '../../../billing/calendar/months-back.ts';

test.each([
  ['2026-03-15T10:00:00Z', 1, '2026-03-01T00:00:00.000Z'],
  ['2026-03-15T10:00:00Z', 3, '2026-01-01T00:00:00.000Z'],
  ['2026-03-31T23:59:59Z', 4, '2025-12-01T00:00:00.000Z'],
  ['2026-03-01T00:00:00Z', 27, '2024-01-01T00:00:00.000Z'],
])('of %s, %d months began on %s', (now, months, began) => {
  expect(monthsBack(new Date(now), months).toISOString()).toBe(began);
});
