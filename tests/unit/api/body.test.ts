import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { Request, Response } from 'express';
import fc from 'fast-check';
import { readBody } from '../../../api/http/body.ts';
import { answerTo } from '../../../api/http/errors.ts';
import { ExactNumber, keepDigits } from '../../../billing/usage/exact-number.ts';

/** Reads a body as it comes over a connection. */
const read = (sent: string | Uint8Array | undefined, headers: Record<string, string> = {}, limit?: number) => {
  const bytes = sent === undefined ? undefined : Buffer.from(sent);
  const length = bytes && { 'content-length': String(bytes.length) };
  const request = Object.assign(Readable.from(bytes && bytes.length > 0 ? [bytes] : [], { objectMode: false }), {
    headers: { ...length, ...headers },
  });
  return readBody(request as unknown as Request, {} as Response, limit);
};

const answerFor = async (...parameters: Parameters<typeof read>) => {
  const answer = answerTo(await read(...parameters).catch((error: unknown) => error));
  return { status: answer?.status, details: answer?.body['error_details'] };
};

/** How JSON may write numbers: short and long, with and without an exponent. */
const spelled = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?$/),
);
const blank = fc.stringMatching(/^[ \t\n\r]{0,3}$/);
const text = fc.string({ unit: 'binary', maxLength: 8 }).filter((value) => value.isWellFormed() && !/\0/.test(value));

/** A text of JSON with odd spaces; texts of it may look like numbers. */
const { json } = fc.letrec<{ json: string; list: string; object: string }>((tie) => ({
  json: fc
    .tuple(
      blank,
      fc.oneof(
        { depthSize: 'small' },
        spelled,
        text.map((value) => JSON.stringify(value)),
        spelled.map((value) => JSON.stringify(`[${value}, :${value}`)),
        fc.constantFrom('null', 'true', 'false', '[]', '{}'),
        tie('list'),
        tie('object'),
      ),
      blank,
    )
    .map((parts) => parts.join('')),
  list: fc.array(tie('json'), { minLength: 1, maxLength: 4 }).map((values) => `[${values.join(',')}]`),
  object: fc
    .array(fc.tuple(blank, text, blank, tie('json')), { minLength: 1, maxLength: 4 })
    .map((pairs) => `{${pairs.map(([b, key, a, value]) => `${b}${JSON.stringify(key)}${a}:${value}`).join(',')}}`),
}));

describe('a body', () => {
  test('is what its JSON says, with every digit', async () => {
    await fc.assert(
      fc.asyncProperty(json, async (sent) => {
        expect(await read(sent)).toEqual(JSON.parse(sent, keepDigits));
      }),
      { numRuns: 500 },
    );
  });

  test.each<[string, unknown]>([
    ['123456789012345678', new ExactNumber('123456789012345678')],
    ['[1,-123456789012345678]', [1, new ExactNumber('-123456789012345678')]],
    ['{"a":\n1.00000000000000001}', { a: new ExactNumber('1.00000000000000001') }],
    ['{"a":1e400}', { a: new ExactNumber('1e400') }],
    ['{"a":"1e400, :123456789012345678"}', { a: '1e400, :123456789012345678' }],
    ['{"a":12345678901234}', { a: 12_345_678_901_234 }],
    ['\uFEFF{"a":1}', { a: 1 }],
    ['', {}],
  ])('%j is %j', async (sent, body) => {
    expect(await read(sent)).toEqual(body);
  });

  test('that was not sent is none', async () => {
    expect(await read(undefined)).toBeUndefined();
  });

  test.each<[string, string]>([
    ['{"a":{"b":"x\\u0000"}}', 'b'],
    ['{"event":{"code":"\\uD800"}}', 'code'],
    ['{"event":{"properties":{"a":["\\udfff"]}}}', 'properties.a.0'],
    ['"\\u0000"', 'base'],
    ['{"\\ud800":1}', 'base'],
  ])('%s holds what no row can, and says where', async (sent, field) => {
    expect(await answerFor(sent)).toEqual({ status: 422, details: { [field]: ['value_is_invalid'] } });
  });

  test.each(['"\\\\u0000"', '"\\uD83D\\ude00"', '"😀"'])('%s can be kept', async (sent) => {
    expect(await read(sent)).toBe(JSON.parse(sent));
  });

  test('is forty deep at most', async () => {
    const nested = (depth: number, inside = '') => '['.repeat(depth) + inside + ']'.repeat(depth);
    for (const sent of [nested(40, '1'), nested(41)]) expect(await read(sent)).toEqual(JSON.parse(sent));
    for (const sent of [nested(41, '1'), nested(42), nested(200_000)]) {
      expect((await answerFor(sent)).status).toBe(422);
    }
  });

  test.each<[string, number, string | Uint8Array, Record<string, string>]>([
    ['broken JSON', 400, '{"a":', {}],
    ['nothing but space', 400, ' ', {}],
    ['what is not UTF-8', 400, Buffer.from('{"a":"\xe9"}', 'latin1'), {}],
    ['another charset', 415, '{}', { 'content-type': 'application/json; charset=latin1' }],
    ['a charset that is none', 415, '{}', { 'content-type': 'application/json; charset=x' }],
    ['too much', 413, JSON.stringify('x'.repeat(99)), {}],
  ])('of %s is a %i', async (_about, status, sent, headers) => {
    expect((await answerFor(sent, headers, 100)).status).toBe(status);
  });

  test('may be of any type, and as large as its route takes', async () => {
    expect(await read('{"a":1}', { 'content-type': 'text/plain; charset=UTF-8' })).toEqual({ a: 1 });
    expect(await read(`"${'x'.repeat(98)}"`, {}, 100)).toBe('x'.repeat(98));
  });
});
