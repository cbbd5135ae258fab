// /health, /ready and /metrics when the database is well, slow, or away.
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { operationsRouter, type OperationsDependencies } from '../../../api/operations.ts';
import { readOperationFigures, type OperationFigures } from '../../../db/queries/operation-figures.ts';
import { testDatabase } from '../../support/test-database.ts';

const FIGURES: OperationFigures = {
  acts: [{ kind: 'period', state: 'waiting', count: 3 }],
  queued: 0,
  oldestQueuedSeconds: 0,
  overdue: 0,
  numberedInvoices: 7,
  openInvoices: [{ status: 'draft', count: 2 }],
  activeSubscriptions: 3,
};

let stop: (() => void) | undefined;
afterEach(() => stop?.());

async function ask(path: string, parts: Partial<OperationsDependencies>): Promise<[status: number, text: string]> {
  const app = express();
  app.use(
    operationsRouter({
      log: pino({ level: 'silent' }),
      pingDatabase: () => Promise.resolve(),
      isReady: () => true,
      figures: { read: () => Promise.resolve(FIGURES) },
      metrics: true,
      embeddedTemporal: false,
      ...parts,
    }),
  );
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  stop = () => {
    server.close();
    server.closeAllConnections();
  };
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  return [response.status, await response.text()];
}

const away = () => Promise.reject(new Error('connection refused'));
const silent = () => new Promise(() => undefined);

describe('/ready', () => {
  test.each<[string, Partial<OperationsDependencies>, number, object]>([
    ['is ok', {}, 200, { status: 'ok' }],
    ['says that the database is away', { pingDatabase: away }, 503, { status: 'the database does not answer' }],
    ['waits for a silent one a moment only', { pingDatabase: silent }, 503, { status: 'the database does not answer' }],
    ['says that it is shutting down', { isReady: () => false }, 503, { status: 'shutting down' }],
  ])('%s', async (_what, parts, status, body) => {
    const [answered, text] = await ask('/ready', parts);
    expect([answered, JSON.parse(text)]).toEqual([status, body]);
  });

  const many = { figures: { read: () => Promise.resolve({ ...FIGURES, activeSubscriptions: 20_001 }) } };

  test('warns of more subscriptions than the embedded Temporal is good for', async () => {
    const [status, text] = await ask('/ready', { ...many, embeddedTemporal: true });
    expect([status, JSON.parse(text)]).toEqual([
      200,
      {
        status: 'ok',
        warnings: [
          '20001 active subscriptions are more than the embedded Temporal server is good for (20000): set TEMPORAL_ADDRESS to a cluster.',
        ],
      },
    ]);
  });

  test('does not on a cluster, nor when nobody knows', async () => {
    expect((await ask('/ready', many))[1]).toBe('{"status":"ok"}');
    stop?.();
    expect((await ask('/ready', { figures: { read: away }, embeddedTemporal: true }))[1]).toBe('{"status":"ok"}');
  });
});

describe('/metrics', () => {
  test('shows what the database says', async () => {
    const [status, text] = await ask('/metrics', {});
    expect(status).toBe(200);
    for (const line of [
      'durabill_database_up 1',
      'durabill_acts{kind="period",state="waiting"} 3',
      'durabill_acts_queued 0',
      'durabill_invoices_numbered 7',
      'durabill_invoices_open{status="draft"} 2',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });

  test('without a database shows the rest, and no old figure', async () => {
    const [status, text] = await ask('/metrics', { figures: { read: away } });
    expect(status).toBe(200);
    expect(text.split('\n')).toContain('durabill_database_up 0');
    expect(text).toContain('# TYPE durabill_http_requests_total counter');
    expect(text).not.toMatch(/^durabill_(acts|invoices|subscriptions)\S* /m);
  });

  test('is not there when it is switched off', async () => {
    expect((await ask('/metrics', { metrics: false }))[0]).toBe(404);
  });
});

describe('the figures of the database', () => {
  test('of an empty one are all there', async () => {
    const database = await testDatabase();
    const reader = readOperationFigures(database.databaseUrl);
    expect(await reader.read(0)).toEqual({
      acts: [],
      queued: 0,
      oldestQueuedSeconds: 0,
      overdue: 0,
      numberedInvoices: 0,
      openInvoices: [],
      activeSubscriptions: 0,
    });
    await reader.close();
    await database.drop();
  });

  test('of one that is away fail at once, and are asked for again later', async () => {
    const reader = readOperationFigures('postgres://a@127.0.0.1:9/c');
    await expect(reader.read(0)).rejects.toThrow('ECONNREFUSED');
    await expect(reader.read(10_000)).rejects.toThrow('ECONNREFUSED');
    await reader.close();
  });
});
