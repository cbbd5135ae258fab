// The worker of a measure: like worker/main.ts, but with DURABILL_BENCH_BILLING=nothing its billing does nothing except writing the
// same successor act. So both run the same workflow code, and the difference is what billing costs.
import { finishPeriodWithoutBilling } from './billing-nothing.ts';
import { exitWithParent } from '../worker/process/exit-with-parent.ts';
import { processLog } from '../worker/process/process-log.ts';
import { readWorkerConfiguration } from '../worker/process/role-configuration.ts';
import { onShutdown } from '../worker/process/shutdown.ts';
import { startWorker } from '../worker/start-worker.ts';

const configuration = readWorkerConfiguration(process.env);
const log = processLog('worker', configuration.logLevel);
const billsNothing = process.env['DURABILL_BENCH_BILLING'] === 'nothing';
const worker = await startWorker(configuration, log, (activities, dependencies) =>
  billsNothing ? { ...activities, billPeriod: finishPeriodWithoutBilling(dependencies) } : activities,
);
onShutdown(() => worker.stop());
exitWithParent();
worker.running.catch((error: unknown) => {
  log.fatal({ err: error }, 'the worker cannot go on');
  process.exit(1);
});
process.send?.({ ready: true });
