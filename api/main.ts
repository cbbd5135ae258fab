import { exitWithParent } from '../worker/process/exit-with-parent.ts';
import { faultFrom } from '../worker/process/fault.ts';
import { messageOf } from '../telemetry/message-of.ts';
import { processLog } from '../worker/process/process-log.ts';
import { readApiConfiguration } from '../worker/process/role-configuration.ts';
import { onShutdown } from '../worker/process/shutdown.ts';
import { version } from '../telemetry/version.ts';
import { startApi } from './start-api.ts';

async function main(): Promise<void> {
  const configuration = readApiConfiguration(process.env);
  const log = processLog('api', configuration.logLevel);
  const api = await startApi(configuration, log, { refuse: fail, fault: faultFrom(process.env) });
  onShutdown(async () => {
    await api.stop();
    log.info('stopped');
  });
  exitWithParent();
  log.info({ port: api.port, version }, 'ready');
  process.send?.({ ready: true, port: api.port });
}

function fail(error: unknown): never {
  console.error(`durabill api: ${messageOf(error)}`);
  process.exit(1);
}

main().catch(fail);
