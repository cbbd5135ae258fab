import { Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { addLogFacts, withLogFacts } from '../../../telemetry/log-facts.ts';
import { processLog } from '../../../worker/process/process-log.ts';

function logOf(work: (log: ReturnType<typeof processLog>) => void): Record<string, unknown>[] {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  work(processLog('api', 'info', stream));
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('every line says whom it is for, as far as that is known when it is written', () => {
  const lines = logOf((log) => {
    log.info('before');
    withLogFacts({ request_id: 'r1' }, () => {
      log.info('asked');
      addLogFacts({ organization_id: 'o1' });
      log.info('known');
    });
    log.info('after');
  });
  expect(lines.map(({ msg, request_id, organization_id }) => [msg, request_id, organization_id])).toEqual([
    ['before', undefined, undefined],
    ['asked', 'r1', undefined],
    ['known', 'r1', 'o1'],
    ['after', undefined, undefined],
  ]);
});

test('no line shows a secret, wherever it is', () => {
  const secret = 'very-secret';
  const lines = logOf((log) => {
    log.info({ authorization: secret, request: { headers: { authorization: secret } }, settings: { api_key: secret } });
    log.info({ DATABASE_URL: secret, endpoint: { secret }, password: secret, a: { databaseUrl: secret } });
    log.debug('below the level');
  });
  expect(lines).toHaveLength(2);
  expect(JSON.stringify(lines)).not.toContain(secret);
  expect(lines[0]).toMatchObject({ authorization: '[secret]', request: { headers: { authorization: '[secret]' } } });
});
