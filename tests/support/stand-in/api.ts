// Stands in for api/main.ts where a test is about starting and stopping: answers with its pid, `/slow` only after the
// file is there.
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { exitWithParent } from '../../../worker/process/exit-with-parent.ts';
import { onShutdown } from '../../../worker/process/shutdown.ts';

const folder = process.env['DURABILL_DATA_DIR'] ?? '';
if (process.env['STAND_IN_CRASH'] === 'api') throw new Error('The stand-in was told to crash.');

const server = createServer((request, response) => {
  void answer(request.url ?? '').then((body) => response.setHeader('connection', 'close').end(JSON.stringify(body)));
});

async function answer(url: string): Promise<object> {
  if (url === '/slow') {
    writeFileSync(join(folder, 'slow-began'), '');
    while (!existsSync(join(folder, 'slow-may-end'))) await wait(20);
  }
  if (url === '/admin/organizations') return { organization: { api_key: 'key-of-the-first-organization' } };
  if (url === '/api/v1/test_clock') return { test_clock: { frozen_time: '2001-04-01T00:00:00Z', status: 'ready' } };
  const { DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_UI_URL, TEMPORAL_TLS, PGOPTIONS } = process.env;
  return { pid: process.pid, DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_UI_URL, TEMPORAL_TLS, PGOPTIONS };
}

server.listen(Number(process.env['PORT']), process.env['HOST'], () => process.send?.({ ready: true }));
onShutdown(async ({ kind }) => {
  console.log(`API stops: ${kind}`);
  await new Promise((closed) => server.close(closed));
  console.log('API stopped');
});
exitWithParent();
