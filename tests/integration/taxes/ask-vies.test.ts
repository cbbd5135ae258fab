import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeAskVies, type ViesOptions } from '../../../activities/taxes/ask-vies.ts';
import { viesStandIn, type Answering, type ViesReply, type ViesStandIn } from '../../support/servers/vies-stand-in.ts';

let vies: ViesStandIn;

beforeAll(async () => {
  vies = await viesStandIn();
});
afterAll(() => vies.close());

const NUMBER = { countryCode: 'IT', number: '10000000001' };

function ask(reply: ViesReply, options: Partial<ViesOptions> = {}) {
  vies.says('IT10000000001', reply);
  return makeAskVies({ url: vies.url, requester: null, ...options })(NUMBER);
}

describe('one try at VIES', () => {
  test('tells what VIES knows of a valid number', async () => {
    expect(await ask({ valid: true, name: 'Roma SRL' })).toMatchObject({
      kind: 'valid',
      countryCode: 'IT',
      vatNumber: '10000000001',
      name: 'Roma SRL',
      consultationNumber: null,
    });
  });

  test('sends the two parts of the number and nothing else', async () => {
    await ask({ valid: false });
    expect(vies.calls.at(-1)?.body).toEqual({ countryCode: 'IT', vatNumber: '10000000001' });
  });

  test('says who asks where that is configured, and keeps the consultation number', async () => {
    const requester = { countryCode: 'FR', number: '12345678901' };
    expect(await ask({ valid: true }, { requester })).toMatchObject({ consultationNumber: 'WAPIAAAAW1' });
    expect(vies.calls.at(-1)?.body).toMatchObject({
      requesterMemberStateCode: 'FR',
      requesterNumber: '12345678901',
    });
  });

  test('a base URL may end with a slash', async () => {
    expect(await ask({ valid: false }, { url: `${vies.url}/` })).toEqual({ kind: 'invalid', validFormat: true });
  });

  test('an error code is an error', async () => {
    expect(await ask('MS_UNAVAILABLE')).toMatchObject({ kind: 'error', type: 'member_state_unavailable' });
  });

  test.each<[string, Answering, string]>([
    [
      'two megabytes',
      (response) => void response.end(`{"valid": true, "name": "${'n'.repeat(2_000_000)}"}`),
      'unknown',
    ],
    ['garbage', (response) => void response.end('<!doctype html>'), 'unknown'],
    ['nothing', (response) => void response.end(), 'unknown'],
    ['HTTP 503', (response) => void response.writeHead(503).end('{"valid": true}'), 'service_unavailable'],
    [
      'a redirect',
      (response) => void response.writeHead(302, { Location: `${vies.url}/check-vat-number` }).end(),
      'service_unavailable',
    ],
    ['a cut connection', (response) => void response.destroy(), 'service_unavailable'],
    [
      'an answer that breaks off',
      (response) => {
        response.writeHead(200, { 'Content-Length': '100' });
        response.write('{"valid": true');
        response.destroy();
      },
      'service_unavailable',
    ],
  ])('%s is an error', async (_about, reply, type) => {
    expect(await ask(reply)).toMatchObject({ kind: 'error', type });
  });

  test('whoever does not answer in time is a timeout, also in the middle of an answer', async () => {
    expect(await ask(() => undefined, { limitMs: 100 })).toMatchObject({ kind: 'error', type: 'timeout' });
    const begins: ViesReply = (response) => void response.writeHead(200).write('{"valid":');
    expect(await ask(begins, { limitMs: 100 })).toMatchObject({ kind: 'error', type: 'timeout' });
  });

  test('where nobody listens the service is away', async () => {
    const away = await viesStandIn();
    await away.close();
    expect(await ask({ valid: true }, { url: away.url })).toMatchObject({
      kind: 'error',
      type: 'service_unavailable',
      message: 'VIES could not be reached: ECONNREFUSED',
    });
  });
});
