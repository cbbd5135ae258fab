import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  applicableTaxes,
  type AttachedTaxes,
  type TaxedKind,
  type TaxLevel,
} from '../../../billing/taxes/applicable-taxes.ts';
import { exampleTax } from './example-taxes.ts';

const [A, B, C, D, E, F, G, H] = 'ABCDEFGH'.split('').map((code) => exampleTax(code, '20'));
const codes = (kind: TaxedKind, attached: AttachedTaxes): string =>
  applicableTaxes(kind, attached)
    .map(({ code }) => code)
    .join();

describe('which taxes apply to a fee (spec, money 1.3)', () => {
  test.each([
    [{ charge: [A!], plan: [B!], customer: [C!], billing_entity: [D!] }, 'A', 'B'],
    [{ plan: [B!], customer: [C!], billing_entity: [D!] }, 'B', 'B'],
    [{ charge: [], plan: [], customer: [C!], billing_entity: [D!] }, 'C', 'C'],
    [{ billing_entity: [D!] }, 'D', 'D'],
    [{}, '', ''],
  ])('%#: a usage fee and a subscription fee', (attached, charge, subscription) => {
    expect(codes('charge', attached)).toBe(charge);
    expect(codes('subscription', attached)).toBe(subscription);
  });

  const everything: AttachedTaxes = {
    fee: [A!],
    add_on: [B!],
    charge: [C!],
    fixed_charge: [D!],
    commitment: [E!],
    plan: [F!],
    customer: [G!],
    billing_entity: [H!],
  };

  test.each([
    ['add_on', 'A B G H'],
    ['charge', 'A C F G H'],
    ['fixed_charge', 'A D F G H'],
    ['commitment', 'A E F G H'],
    ['subscription', 'A F G H'],
    ['credit', ''],
  ] as const)('%s looks in this order: %s', (kind, order) => {
    let attached = everything;
    const found = [];
    for (;;) {
      const [tax] = applicableTaxes(kind, attached);
      if (!tax) break;
      found.push(tax.code);
      attached = Object.fromEntries(Object.entries(attached).filter(([, taxes]) => !taxes.includes(tax)));
    }
    expect(found.join(' ')).toBe(order);
  });

  test('a set of several taxes applies as a whole', () => {
    expect(codes('charge', { plan: [A!, B!], customer: [C!] })).toBe('A,B');
  });

  test('sets are never merged: the answer is one of them', () => {
    const set = fc.subarray([A!, B!, C!]);
    const levels: readonly TaxLevel[] = ['fee', 'charge', 'plan', 'customer', 'billing_entity'];
    fc.assert(
      fc.property(fc.tuple(set, set, set, set, set), (sets) => {
        const attached: AttachedTaxes = Object.fromEntries(levels.map((level, at) => [level, sets[at]]));
        expect(applicableTaxes('charge', attached)).toEqual(sets.find((taxes) => taxes.length > 0) ?? []);
      }),
    );
  });
});
