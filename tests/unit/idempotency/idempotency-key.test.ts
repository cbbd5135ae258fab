import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { idempotencyKey, lengthPrefixed, type Facts } from '../../../billing/idempotency/idempotency-key.ts';

const ORGANIZATION = '0190a1b2-0000-7000-8000-000000000001';

const keyOf = async (facts: Facts, act = 'act', organizationId = ORGANIZATION): Promise<string> =>
  Buffer.from(await idempotencyKey(act, organizationId, facts)).toString('hex');

/** What would confuse an encoding that joins texts: separators, digits, lengths, empty texts, Unicode. */
const trickyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('', '\0', ',', ':', '=', '|', '"', '1', 'v1', 'a', 'é', 'e\u0301', '𝄞') }),
);
const facts = fc.dictionary(trickyText, trickyText, { minKeys: 1, maxKeys: 6 });

describe('the key of an act', () => {
  test('is what v1 has always given', async () => {
    const progressive = {
      organization_id: ORGANIZATION,
      external_subscription_id: 'sub-1',
      invoiced_usage: 150000n,
      threshold_amount: 100000n,
    };
    expect(await keyOf(progressive, 'bill_progressively')).toBe(
      'dd4c0bfdf7e869ff807f2305f4e39c0aa50c910623ddcf3b3a36d282d9733bdd',
    );
    expect(await keyOf({ '': '', 'naïve 𝄞': '' })).toBe(
      '6cc5f63754f5271c78e2e1fa44a96e28e1e87e62b2fe3ba7250472df12f46593',
    );
  });

  test('does not depend on the order of the facts', async () => {
    await fc.assert(
      fc.asyncProperty(
        facts.chain((given) =>
          fc.tuple(
            fc.constant(given),
            fc.shuffledSubarray(Object.entries(given), { minLength: Object.keys(given).length }),
          ),
        ),
        async ([given, shuffled]) => {
          expect(await keyOf(Object.fromEntries(shuffled))).toBe(await keyOf(given));
        },
      ),
    );
  });

  test('is another for other facts, whatever their texts hold', async () => {
    await fc.assert(
      fc.asyncProperty(facts, facts, async (one, other) => {
        const same = isDeepStrictEqual({ ...one }, { ...other });
        expect((await keyOf(one)) === (await keyOf(other))).toBe(same);
      }),
    );
  });

  test('is another when characters move from one text to the next', async () => {
    await fc.assert(
      fc.asyncProperty(trickyText, fc.nat(), fc.nat(), async (text, first, second) => {
        const cut = (at: number) =>
          [text.slice(0, at % (text.length + 1)), text.slice(at % (text.length + 1))] as const;
        const [a, b] = [cut(first), cut(second)];
        fc.pre(a[0] !== b[0] && [...a, ...b].every((part) => part.isWellFormed()));
        expect(await keyOf({ one: a[0], two: a[1] })).not.toBe(await keyOf({ one: b[0], two: b[1] }));
      }),
    );
  });

  test.each([
    ['the value begins earlier', { key1: 'k', key2: 'ey' }, { key1: 'ke', key2: 'y' }],
    ['the name ends earlier', { a: 'bc' }, { ab: 'c' }],
    ['a name is also a value', { a: 'b', c: 'd' }, { a: 'b', cd: '' }],
    ['one value is another', { a: '1', b: '2' }, { a: '1', b: '3' }],
  ])('is another when %s', async (_, one, other) => {
    expect(await keyOf(one)).not.toBe(await keyOf(other));
  });

  test('is of one act and one organization', async () => {
    const keys = [
      await keyOf({ a: '1' }),
      await keyOf({ a: '1' }, 'other act'),
      await keyOf({ a: '1' }, 'act', '0190a1b2-0000-7000-8000-000000000002'),
    ];
    expect(new Set(keys).size).toBe(3);
  });

  test('takes a whole number as its digits', async () => {
    expect(await keyOf({ cents: 123456789012345678901n })).toBe(await keyOf({ cents: '123456789012345678901' }));
  });

  test('refuses a text that UTF-8 cannot tell from others', async () => {
    await expect(keyOf({ a: '\uD800' })).rejects.toThrow(RangeError);
  });
});

test('the encoding can be read back', () => {
  fc.assert(
    fc.property(fc.array(trickyText), (texts) => {
      const bytes = Buffer.from(lengthPrefixed(texts));
      const read: string[] = [];
      for (let at = 0; at < bytes.length;) {
        const length = bytes.readUInt32BE(at);
        read.push(bytes.toString('utf8', at + 4, at + 4 + length));
        at += 4 + length;
      }
      expect(read).toEqual(texts);
    }),
  );
});
