import { describe, expect, test } from '@jest/globals';
import { presentationKeys } from '../../../billing/charges/group-key-properties.ts';
import { Decimal } from '../../../billing/money/decimal.ts';
import type { KeyValues } from '../../../billing/usage/bucket-condition.ts';
import { keysOnInvoice, presentedBy } from '../../../billing/usage/presentation.ts';

const part = (by: KeyValues, units: string) => ({ by, units: new Decimal(units) });
const PARTS = [
  part({ region: 'eu', user: '7' }, '3'),
  part({ region: 'eu', user: null }, '4.5'),
  part({ region: null, user: '7' }, '-1'),
];

describe('units by fewer keys', () => {
  const shown = (keys: readonly string[]) => presentedBy(PARTS, keys).map(({ by, units }) => [by, units.toFixed()]);

  test('are summed over the others', () => {
    expect(shown(['region'])).toEqual([
      [{ region: 'eu' }, '7.5'],
      [{ region: null }, '-1'],
    ]);
    expect(shown(['user', 'region'])).toHaveLength(3);
  });

  test('are not told apart by no key', () => expect(shown([])).toEqual([]));
});

test('a key is on invoices where its options say so', () => {
  const keys = presentationKeys({
    presentation_group_keys: [
      { value: 'region', options: { display_in_invoice: true } },
      { value: 'user', options: { display_in_invoice: false } },
    ],
  });
  expect(keys.map(({ key }) => key)).toEqual(['region', 'user']);
  expect(keysOnInvoice(keys)).toEqual(['region']);
  expect(presentationKeys({ presentation_group_keys: [{ value: 'user' }] })).toEqual([
    { key: 'user', isOnInvoice: false },
  ]);
  expect(presentationKeys({})).toEqual([]);
});
