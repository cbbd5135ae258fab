// /health, /ready and /metrics when the database is well, slow, or away.
import type { AddressInfo } from 'node:net';
import { Connection } from '@temporalio/client';
import express from 'express';
import { afterEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { v7 } from 'uuid';
import { operationsRouter, type OperationsDependencies } from '../../../api/operations/operations.ts';
import { makeQueueWatch } from '../../../api/operations/queue-watch.ts';
import { readOperationFigures, type OperationFigures } from '../../../db/queries/operations/operation-figures.ts';
import { freePort } from '../../support/servers/free-port.ts';
import { testDatabase } from '../../support/servers/test-database.ts';
import { testTemporal } from '../../support/servers/test-temporal.ts';
import { until } from '../../support/until.ts';

const FIGURES: OperationFigures = {
  acts: [{ kind: 'period', state: 'waiting', count: 3 }],
  queued: 0,
  oldestQueuedSeconds: 0,
  overdue: 0,
  numberedInvoices: 7,
  openInvoices: [{ status: 'draft', count: 2 }],
  activeSubscriptions: 3,
  awaitingTaxes: { count: 0, forVies: 0, oldestSeconds: 0 },
  pendingViesChecks: 0,
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
      filesProblem: () => Promise.resolve(null),
      queueWatch: undefined,
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
    [
      'warns of files that cannot be read here',
      { filesProblem: () => Promise.resolve('another folder') },
      200,
      { status: 'ok', warnings: ['another folder'] },
    ],
    [
      'warns of a store of files that does not answer',
      { filesProblem: away },
      200,
      { status: 'ok', warnings: ['the store of files does not answer (DURABILL_FILES).'] },
    ],
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

  test.each<[number, number, number, string | null]>([
    [4, 4, 3599, null],
    [4, 4, 3600, '4 invoices wait for their taxes, the oldest for 1 hour: 4 for VIES'],
    [4, 4, 7300, '4 invoices wait for their taxes, the oldest for 2 hours: 4 for VIES'],
    [1, 0, 7300, '1 invoice waits for its taxes, the oldest for 2 hours: 1 for an act of its own'],
    [4, 1, 7300, '4 invoices wait for their taxes, the oldest for 2 hours: 1 for VIES'],
  ])(
    'of %i that wait for taxes, %i for VIES, says after %i seconds: %s',
    async (count, forVies, oldestSeconds, says) => {
      const figures = { ...FIGURES, awaitingTaxes: { count, forVies, oldestSeconds }, pendingViesChecks: 2 };
      const [status, text] = await ask('/ready', { figures: { read: () => Promise.resolve(figures) } });
      expect(status).toBe(200);
      const { warnings = [] } = JSON.parse(text) as { warnings?: string[] };
      expect(warnings.map((warning) => warning.slice(0, says?.length))).toEqual(says === null ? [] : [says]);
      expect(text.includes('for VIES (durabill_vies_tries_total')).toBe(says !== null && forVies > 0);
      expect(text.includes('(GET /api/v1/workflows?kind=taxInvoice)')).toBe(says !== null && forVies < count);
    },
  );

  test('does not on a cluster, nor when nobody knows', async () => {
    expect((await ask('/ready', many))[1]).toBe('{"status":"ok"}');
    stop?.();
    expect((await ask('/ready', { figures: { read: away }, embeddedTemporal: true }))[1]).toBe('{"status":"ok"}');
  });
});

describe('what /ready says of the task queues', () => {
  test('is which of them no worker serves, as Temporal knows it', async () => {
    const { address, namespace } = await testTemporal();
    const connection = await Connection.connect({ address });
    try {
      const queuePrefix = `test-${v7()}-`;
      const warnings = async () => {
        const queueWatch = makeQueueWatch({ connection, namespace, queuePrefix });
        const [status, text] = await ask('/ready', { queueWatch });
        stop?.();
        expect(status).toBe(200);
        return (JSON.parse(text) as { warnings?: string[] }).warnings ?? [];
      };
      const unserved = (queue: string) =>
        `no worker serves the queue ${queuePrefix}${queue}: its acts wait. Start one (DURABILL_QUEUES).`;
      expect(await warnings()).toEqual(['urgent', 'billing', 'exports', 'bulk', 'webhooks'].map(unserved));
      // What a worker does, until the test is over.
      const over = new AbortController();
      const polling = connection.withAbortSignal(over.signal, () =>
        connection.withDeadline(Date.now() + 60_000, () =>
          Promise.allSettled(
            ['urgent', 'billing'].map((queue) =>
              connection.workflowService.pollWorkflowTaskQueue({
                namespace,
                taskQueue: { name: queuePrefix + queue },
                identity: 'a worker',
              }),
            ),
          ),
        ),
      );
      await until(async () => (await warnings()).length === 3, 'Temporal knows the pollers');
      expect(await warnings()).toEqual(['exports', 'bulk', 'webhooks'].map(unserved));
      over.abort();
      await polling;
    } finally {
      await connection.close();
    }
  });

  test('is that Temporal is away, and the API is ready all the same', async () => {
    const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}` });
    const queueWatch = makeQueueWatch({ connection, namespace: 'default', queuePrefix: '' });
    const [status, text] = await ask('/ready', { queueWatch });
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { status: 'ok', warnings: ['Temporal does not answer: acts wait in the database until it does.'] },
    ]);
    await connection.close();
  });

  test('is asked of Temporal every few seconds only', async () => {
    const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}` });
    const { warnings } = makeQueueWatch({ connection, namespace: 'default', queuePrefix: '' });
    const first = warnings(0);
    expect(warnings(5000)).toBe(first);
    expect(warnings(5001)).not.toBe(first);
    await Promise.all([first, warnings(5001)]);
    await connection.close();
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

  test('shows what waits for taxes and for VIES', async () => {
    const figures = { ...FIGURES, awaitingTaxes: { count: 4, forVies: 2, oldestSeconds: 7300 }, pendingViesChecks: 2 };
    const [, text] = await ask('/metrics', { figures: { read: () => Promise.resolve(figures) } });
    for (const line of [
      'durabill_invoices_awaiting_taxes 4',
      'durabill_invoices_oldest_awaiting_taxes_seconds 7300',
      'durabill_vies_checks_pending 2',
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

  test.each(['/METRICS', '/Metrics', '/metrics/', '/%6Detrics'])('is not at %s', async (path) => {
    expect((await ask(path, {}))[0]).toBe(404);
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
      awaitingTaxes: { count: 0, forVies: 0, oldestSeconds: 0 },
      pendingViesChecks: 0,
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
