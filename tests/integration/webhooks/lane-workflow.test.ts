// The workflow of a lane alone, on a real Temporal with activities of the test's own.
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LaneOutcome } from '../../../activities/webhooks/send-webhooks.ts';
import { webhooksAct } from '../../../activities/webhooks/webhooks-act.ts';
import { WAKE_SIGNAL } from '../../../workflows/wake-signal.ts';
import { kinds } from '../../../activities/acts/kinds.ts';
import { testTemporal } from '../../support/servers/test-temporal.ts';
import { until } from '../../support/until.ts';
import { workflowBundleFile } from '../../support/workflow-bundle-file.ts';

const HOUR_MS = 3_600_000;

let connection: Connection;
let native: NativeConnection;
let client: Client;
let codePath: string;
let namespace: string;

beforeAll(async () => {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const temporal = await testTemporal();
  ({ namespace } = temporal);
  connection = await Connection.connect({ address: temporal.address });
  native = await NativeConnection.connect({ address: temporal.address });
  client = new Client({ connection, namespace });
  codePath = await workflowBundleFile();
});
afterAll(async () => {
  await connection.close();
  await native.close();
});

/** Runs a lane whose looks answer one outcome after the other, and lets the test act while it runs. */
async function lane(
  look: (index: number, wake: () => Promise<void>) => LaneOutcome | Promise<LaneOutcome>,
  during: (facts: { readonly looks: () => number; readonly wake: () => Promise<void> }) => Promise<void> = () =>
    Promise.resolve(),
): Promise<number> {
  const { id: workflowId, argument } = webhooksAct({ organizationId: randomUUID(), endpointId: randomUUID() });
  const wake = () => client.workflow.getHandle(workflowId).signal(WAKE_SIGNAL);
  let looks = 0;
  const taskQueue = `lane-${randomUUID()}`;
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue,
    workflowBundle: { codePath },
    activities: { sendWebhooks: () => look(looks++, wake) },
  });
  await worker.runUntil(async () => {
    const handle = await client.workflow.start(kinds.webhooks.workflow, { workflowId, taskQueue, args: [argument] });
    await during({ looks: () => looks, wake });
    await handle.result();
  });
  return looks;
}

const ended: LaneOutcome = { outcome: 'ended' };

test('a lane looks again at once, after its wait, and then ends', async () => {
  const outcomes: LaneOutcome[] = [{ outcome: 'more' }, { outcome: 'waiting', waitMs: 50 }, ended];
  expect(await lane((index) => outcomes[index] ?? ended)).toBe(3);
});

test('a wake-up ends the wait', async () => {
  const looks = await lane(
    (index) => (index === 0 ? { outcome: 'waiting', waitMs: HOUR_MS } : ended),
    async (facts) => {
      await until(() => facts.looks() === 1, 'the lane waits');
      await facts.wake();
    },
  );
  expect(looks).toBe(2);
});

test('a wake-up while the lane finds nothing left is not lost with its end', async () => {
  const looks = await lane(async (index, wake) => {
    if (index === 0) await wake();
    return ended;
  });
  expect(looks).toBe(2);
});

test('a wake-up while the lane looks makes it look again instead of waiting', async () => {
  const looks = await lane(async (index, wake) => {
    if (index > 0) return ended;
    await wake();
    return { outcome: 'waiting', waitMs: HOUR_MS };
  });
  expect(looks).toBe(2);
});
