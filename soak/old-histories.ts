import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';

/**
 * Replays every workflow that began before a moment on this version's code. @throws Error that names those that do
 * not.
 */
export async function replayOldHistories(
  server: { readonly address: string; readonly namespace: string },
  startedBefore: Date,
): Promise<number> {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const workflowsPath = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger });
  const connection = await Connection.connect({ address: server.address });
  try {
    const { workflow } = new Client({ connection, namespace: server.namespace });
    const query = `StartTime < '${startedBefore.toISOString()}'`;
    const broken: string[] = [];
    let replayed = 0;
    const histories = workflow.list({ query }).intoHistories({ concurrency: 5 });
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { code } }, histories)) {
      replayed += 1;
      if (error) broken.push(`${workflowId}: ${error.message}`);
    }
    if (broken.length > 0)
      throw new Error(`${broken.length} old histories do not replay:\n${broken.slice(0, 5).join('\n')}`);
    return replayed;
  } finally {
    await connection.close();
  }
}
