// The workflow of a check with activities of the test's own, on a real Temporal: a check has no last try, so its
// history must not grow without end.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { kinds } from '../../../activities/acts/kinds.ts';
import type { ViesOutcome } from '../../../activities/taxes/advance-vies-check.ts';
import { viesAct } from '../../../activities/taxes/vies-act.ts';
import { WAKE_SIGNAL } from '../../../workflows/wake-signal.ts';
import { testTemporal } from '../../support/servers/test-temporal.ts';
import { until } from '../../support/until.ts';
import { workflowBundleFile } from '../../support/workflow-bundle-file.ts';

let connection: Connection;
let native: NativeConnection;
let client: Client;
let codePath: string;
let namespace: string;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
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

/** Signals of one round: events of its history, which is long from some thousands of them. */
const AT_ONCE = 64;

test('a check of many tries goes on in a new run, which looks first and is woken as the one before', async () => {
  const { id: workflowId, argument } = viesAct({
    organizationId: randomUUID(),
    customerId: randomUUID(),
    hasTestClock: true,
  });
  const taskQueue = `vies-${randomUUID()}`;
  let looks = 0;
  let isOver = false;
  const look = (): ViesOutcome => {
    looks += 1;
    return isOver ? { outcome: 'ended' } : { outcome: 'waiting', dueAt: '2030-01-01T00:00:00.000Z' };
  };
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue,
    workflowBundle: { codePath },
    activities: { advanceViesCheck: look, askAboutCheck: () => ({ outcome: 'outdated' }) },
  });
  await worker.runUntil(async () => {
    const first = await client.workflow.start(kinds.vies.workflow, { workflowId, taskQueue, args: [argument] });
    const current = client.workflow.getHandle(workflowId);
    const runId = async (): Promise<string> => (await current.describe()).runId;
    while ((await runId()) === first.firstExecutionRunId) {
      const before = looks;
      await Promise.all(Array.from({ length: AT_ONCE }, () => current.signal(WAKE_SIGNAL)));
      // In peace: a run that is signalled on and on cannot end.
      await until(() => looks > before, 'it has looked');
    }
    const { status } = await client.workflow.getHandle(workflowId, first.firstExecutionRunId).describe();
    expect(status.name).toBe('CONTINUED_AS_NEW');
    const before = looks;
    await current.signal(WAKE_SIGNAL);
    await until(() => looks > before, 'the new run looks');
    isOver = true;
    await current.signal(WAKE_SIGNAL);
    expect(await current.result()).toMatchObject({ outcome: 'ended' });
  });
}, 240_000);
