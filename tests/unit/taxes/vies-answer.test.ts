import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isAlarming, readViesAnswer } from '../../../billing/taxes/vies-answer.ts';
import { viesWait } from '../../../billing/taxes/vies-waits.ts';

const ASKED = { countryCode: 'IT', number: '10000000001' };
const read = (body: unknown, status = 200) =>
  readViesAnswer(ASKED, status, typeof body === 'string' || body === null ? body : JSON.stringify(body));
const refused = (error: string) => ({ actionSucceed: false, errorWrappers: [{ error }] });

describe('answers of VIES', () => {
  test('a valid number with what is told of it', () => {
    const body = {
      countryCode: 'IT',
      vatNumber: '10000000001',
      requestDate: '2024-03-01T10:00:00.000Z',
      valid: true,
      requestIdentifier: 'WAPIAAAAW1',
      name: 'Roma SRL',
      address: '---',
    };
    expect(read(body)).toEqual({
      kind: 'valid',
      countryCode: 'IT',
      vatNumber: '10000000001',
      requestDate: '2024-03-01T10:00:00.000Z',
      name: 'Roma SRL',
      address: null,
      consultationNumber: 'WAPIAAAAW1',
    });
  });

  test('a number that nobody has', () => {
    expect(read({ valid: false })).toEqual({ kind: 'invalid', validFormat: true });
    expect(read(refused('INVALID_INPUT'))).toEqual({ kind: 'invalid', validFormat: false });
    expect(read(refused('INVALID_INPUT'), 400)).toEqual({ kind: 'invalid', validFormat: false });
  });

  test.each([
    ['GLOBAL_MAX_CONCURRENT_REQ', 'rate_limit', false],
    ['GLOBAL_MAX_CONCURRENT_REQ_TIME', 'rate_limit', false],
    ['MS_MAX_CONCURRENT_REQ', 'rate_limit', false],
    ['MS_MAX_CONCURRENT_REQ_TIME', 'rate_limit', false],
    ['TIMEOUT', 'timeout', false],
    ['VAT_BLOCKED', 'blocked', true],
    ['IP_BLOCKED', 'blocked', true],
    ['INVALID_REQUESTER_INFO', 'invalid_requester', true],
    ['SERVICE_UNAVAILABLE', 'service_unavailable', false],
    ['MS_UNAVAILABLE', 'member_state_unavailable', false],
    ['VOW-ERR-1', 'unknown', false],
  ] as const)('%s is tried again as %s', (code, type, alarming) => {
    for (const status of [200, 500]) expect(read(refused(code), status)).toMatchObject({ kind: 'error', type });
    expect(isAlarming(type)).toBe(alarming);
  });

  test.each([
    ['a page of HTML', '<html>', 200, 'unknown'],
    ['nothing', '', 200, 'unknown'],
    ['more than is read', null, 200, 'unknown'],
    ['a list', '[]', 200, 'unknown'],
    ['no verdict', '{}', 200, 'unknown'],
    ['a verdict as text', '{"valid": "true"}', 200, 'unknown'],
    ['an error without a code', '{"errorWrappers": []}', 200, 'unknown'],
    ['another country', '{"valid": true, "countryCode": "DE"}', 200, 'unknown'],
    ['another number', '{"valid": false, "vatNumber": "1"}', 200, 'unknown'],
    ['HTTP 500', 'oops', 500, 'service_unavailable'],
    ['HTTP 404', '{"valid": true}', 404, 'service_unavailable'],
    ['HTTP 429', '', 429, 'rate_limit'],
    ['a redirect', '', 302, 'service_unavailable'],
  ])('%s is an error, not an answer', (_about, body, status, type) => {
    expect(read(body, status)).toMatchObject({ kind: 'error', type });
  });

  test('whatever comes, only a JSON verdict about the number is final', () => {
    const body = fc.oneof(fc.string(), fc.json());
    fc.assert(
      fc.property(body, fc.integer({ min: 100, max: 599 }), (text, status) => {
        expect(readViesAnswer(ASKED, status, text).kind).toBe('error');
      }),
    );
  });

  test('long texts are cut', () => {
    expect(read({ valid: true, name: 'n'.repeat(10_000) })).toMatchObject({ name: 'n'.repeat(500) });
  });
});

describe('waits between tries (spec, money 1.7)', () => {
  test('5, 5, 10, 20, 40 minutes, then an hour without end', () => {
    const minutes = [1, 2, 3, 4, 5, 6, 7, 100, 1_000_000].map((tries) => viesWait(tries) / 60_000);
    expect(minutes).toEqual([5, 5, 10, 20, 40, 60, 60, 60, 60]);
  });

  test('there is none before the first try has failed', () => {
    expect(() => viesWait(0)).toThrow(RangeError);
  });
});
