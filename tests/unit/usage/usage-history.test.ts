import { expect, test } from '@jest/globals';
import { historyOf } from '../../../billing/usage/usage-history.ts';

const day = (date: string): Date => new Date(`${date}T00:00:00Z`);
const written = (customerId: string, tenures: readonly (readonly [string, string])[], until: string) =>
  historyOf(
    customerId,
    tenures.map(([customer, from]) => ({ customerId: customer, from: day(from) })),
    day(until),
  ).map(({ from, to }) => [from?.toISOString() ?? null, to.toISOString()]);

test('a customer sees the time of its own subscriptions; what was before the first belongs to that', () => {
  const tenures = [
    ['c', '2026-03-01'],
    ['d', '2026-04-01'],
    ['c', '2026-05-01'],
  ] as const;
  expect(written('c', tenures, '2026-05-20')).toEqual([
    [null, '2026-03-31T23:59:59.999Z'],
    ['2026-05-01T00:00:00.000Z', '2026-05-20T00:00:00.000Z'],
  ]);
  expect(written('d', tenures, '2026-05-20')).toEqual([['2026-04-01T00:00:00.000Z', '2026-04-30T23:59:59.999Z']]);
});

test('nothing after the window counts, also where another has begun since', () => {
  const tenures = [
    ['c', '2026-03-01'],
    ['d', '2026-04-01'],
  ] as const;
  expect(written('c', tenures, '2026-03-20')).toEqual([[null, '2026-03-20T00:00:00.000Z']]);
  expect(written('d', tenures, '2026-03-20')).toEqual([]);
});
