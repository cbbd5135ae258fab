import { describe, expect, test } from '@jest/globals';
import { parseQuery } from '../../../api/http/query.ts';
import { Refusal } from '../../../billing/refusal.ts';

const reasonOf = (target: string): unknown => {
  try {
    return parseQuery(target);
  } catch (error) {
    return error instanceof Refusal ? error.reason : error;
  }
};

describe('a query string', () => {
  test.each<[string, object]>([
    ['', {}],
    ['?', {}],
    ['?a', { a: '' }],
    ['?a=1&b=2=3&&', { a: '1', b: '2=3' }],
    ['?a=x+y%2B%20z', { a: 'x y+ z' }],
    ['?caf%C3%A9=%F0%9F%98%80', { café: '😀' }],
    ['?a[]=1&a[]=2', { a: ['1', '2'] }],
    ['?a%5B%5D=1', { a: ['1'] }],
    ['?a=1&a=2', { a: ['1', '2'] }],
    ['?a=1&a[]=2&a=3', { a: ['1', '2', '3'] }],
    ['?a[x]=1&a[y]=2', { a: { x: '1', y: '2' } }],
    // Not a map of texts: whoever expects one refuses it.
    ['?a[x][y]=1', { a: { x: {} } }],
    ['?a[][x]=1', { a: { '': {} } }],
    ['?[a]=1&]=2', { '[a]': '1', ']': '2' }],
    ['?__proto__=1&a[__proto__]=2', JSON.parse('{"__proto__":"1","a":{"__proto__":"2"}}') as object],
    ['?a=1#b=2', { a: '1' }],
  ])('%s is %j', (query, expected) => {
    expect(JSON.stringify(parseQuery(`/path${query}`))).toBe(JSON.stringify(expected));
  });

  test.each([
    ['?a=1&a[x]=2'],
    ['?a[x]=1&a[y]=2&a[x]=3'],
    ['?a[__proto__]=1&a[__proto__]=2'],
    ['?a[x]=2&a=1'],
    ['?a[]=1&a[x]=2'],
    ['?a=%00'],
    ['?a=%EF%BF%BD%00'],
  ])('%s is no value of a', (query) => {
    expect(reasonOf(`/path${query}`)).toEqual({ kind: 'validation', details: { a: ['value_is_invalid'] } });
  });

  test.each([['?a=%'], ['?a=%zz'], ['?a=%FF'], ['?%C3=1'], ['?a=%C3%28'], ['?a=%ED%A0%80'], ['?a=%C0%80']])(
    '%s is not UTF-8 in percent-encoding',
    (query) => {
      expect(reasonOf(`/path${query}`)).toMatchObject({ kind: 'bad_request' });
    },
  );

  test('has 500 parameters at most', () => {
    expect(reasonOf(`?${'a=1&'.repeat(500)}`)).toHaveProperty('a');
    expect(reasonOf(`?${'a=1&'.repeat(501)}`)).toMatchObject({ kind: 'bad_request' });
  });
});
