import type { Logger } from 'pino';
import { exitWithParent } from './process/exit-with-parent.ts';
import { explainStartFailure } from './process/explain-start-failure.ts';
import { processLog } from './process/process-log.ts';
import { readWorkerConfiguration, type WorkerConfiguration } from './process/role-configuration.ts';
import { onShutdown } from './process/shutdown.ts';
import { startWorker, type RunningWorker } from './start-worker.ts';
import { UnusableSetting } from './process/unusable-setting.ts';

async function main(): Promise<void> {
  const configuration = readWorkerConfiguration(process.env);
  const log = processLog('worker', configuration.logLevel);
  const worker = await start(configuration, log);
  onShutdown(async () => {
    await worker.stop();
    log.info('stopped');
  });
  exitWithParent();
  worker.running.catch((error: unknown) => {
    log.fatal({ err: error }, 'the worker cannot go on');
    fail(error);
  });
  process.send?.({ ready: true });
}

async function start(configuration: WorkerConfiguration, log: Logger): Promise<RunningWorker> {
  try {
    return await startWorker(configuration, log);
  } catch (error) {
    const reason =
      error instanceof UnusableSetting ? error.message : await explainStartFailure(error, configuration.databaseUrl);
    log.fatal({ err: error, reason }, 'the worker could not be started');
    throw new Error(reason, { cause: error });
  }
}

function fail(error: unknown): void {
  const { message } = error instanceof Error ? error : new Error(String(error));
  console.error(`durabill worker: ${message}`);
  process.exit(1);
}

main().catch(fail);
