import { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { expect, test } from '@jest/globals';
import { v7 } from 'uuid';
import { makeActJoiner } from '../../../activities/acts/join-act.ts';
import { makeActStarter, startOptions } from '../../../activities/acts/start-acts.ts';
import type { StartableAct } from '../../../db/acts/act.ts';
import { testTemporal } from '../../support/servers/test-temporal.ts';

const { CommandType } = proto.temporal.api.enums.v1;

const anAct = (overrides: Partial<StartableAct>): StartableAct => ({
  id: `rollups/${v7()}/1`,
  organizationId: v7(),
  kind: 'rollups',
  verb: 'start',
  queue: 'bulk',
  argument: {},
  dueAt: null,
  rank: 10,
  customerId: null,
  subscriptionId: null,
  invoiceId: null,
  summary: 'A test',
  ...overrides,
});

test('a workflow is told its moment as the row says, whatever its argument remembers of it', () => {
  const dueAt = new Date('2023-03-01T00:00:00Z');
  const ofRelease02 = { frozen: false, dueAt: '2023-02-01T00:00:00.000Z' };
  const told = (act: StartableAct) => startOptions(act, '').args;
  expect(told(anAct({ dueAt, argument: ofRelease02 }))).toEqual([{ frozen: false, dueAt: dueAt.toISOString() }]);
  expect(told(anAct({ dueAt: null, argument: ofRelease02 }))).toEqual([{ frozen: false, dueAt: null }]);
});

test('an act whose workflow has completed is not begun again, and counts as started', async () => {
  const { address, namespace } = await testTemporal();
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection, namespace });
    const queuePrefix = `test-${v7()}-`;
    const starter = makeActStarter({ client: () => Promise.resolve(client), queuePrefix, realTime: () => new Date() });
    const act = anAct({ id: `period/${v7()}/2023-01-01`, kind: 'period', queue: 'billing' });
    expect(await starter.start([act])).toEqual({ started: [act], failed: [] });
    const handle = client.workflow.getHandle(act.id);
    const { runId } = await handle.describe();
    // What a worker would do.
    const { workflowService } = connection;
    const taskQueue = { name: `${queuePrefix}billing` };
    const { taskToken } = await connection.withDeadline(Date.now() + 30_000, () =>
      workflowService.pollWorkflowTaskQueue({ namespace, taskQueue }),
    );
    await workflowService.respondWorkflowTaskCompleted({
      namespace,
      taskToken,
      commands: [
        {
          commandType: CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
          completeWorkflowExecutionCommandAttributes: {},
        },
      ],
    });
    await handle.result();
    expect(await starter.start([act])).toEqual({ started: [act], failed: [] });
    expect((await handle.describe()).runId).toBe(runId);
    // So it does for a request that would await it.
    const warn = (error: unknown) => void warnings.push(error);
    const warnings: unknown[] = [];
    const join = makeActJoiner({ client, queuePrefix, limitMs: 5000, warn });
    expect([await join(act, false), await join(act, true)]).toEqual(['done', 'done']);
    expect((await handle.describe()).runId).toBe(runId);
    expect(warnings).toEqual([]);
  } finally {
    await connection.close();
  }
});

test('an act that failed is restarted once its failed run has closed, and its new run begins awake', async () => {
  const { address, namespace } = await testTemporal();
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection, namespace });
    const starter = makeActStarter({
      client: () => Promise.resolve(client),
      queuePrefix: `test-${v7()}-`,
      realTime: () => new Date(),
    });
    // No worker serves this queue: the run stays as it is.
    const act = anAct({ verb: 'restart' });
    const handle = client.workflow.getHandle(act.id);
    expect(await starter.start([act])).toEqual({ started: [act], failed: [] });
    const { runId } = await handle.describe();

    const early = await starter.start([act]);
    expect(early).toMatchObject({ started: [], failed: [{ id: act.id }] });
    expect(String(early.failed[0]?.error)).toContain('has not closed yet');

    await handle.terminate('as if it had failed');
    expect(await starter.start([act])).toEqual({ started: [act], failed: [] });
    expect((await handle.describe()).runId).not.toBe(runId);
    const events = (await handle.fetchHistory()).events ?? [];
    expect(events.filter((event) => event.workflowExecutionSignaledEventAttributes)).toHaveLength(1);
    await handle.terminate('the test is over');
  } finally {
    await connection.close();
  }
});
