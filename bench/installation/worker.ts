// The worker of a measure: like worker/main.ts, but with DURABILL_BENCH_BILLING=nothing its billing does nothing except
// finishing its act and writing the same successor, so that both run the same workflow code and the difference is what
// billing costs; and with DURABILL_BENCH_CACHED=10 it keeps no more workflows than that in memory: after a real month
// none is there any more.
import { Worker } from '@temporalio/worker';
import { finishPeriodWithoutBilling } from './billing-nothing.ts';
import { finishEventWithoutCharging } from './charging-nothing.ts';
import { exitWithParent } from '../../worker/process/exit-with-parent.ts';
import { processLog } from '../../worker/process/process-log.ts';
import { readWorkerConfiguration } from '../../worker/process/role-configuration.ts';
import { onShutdown } from '../../worker/process/shutdown.ts';
import { startWorker } from '../../worker/start-worker.ts';

const cached = process.env['DURABILL_BENCH_CACHED'];
if (cached !== undefined) {
  const create = Worker.create.bind(Worker);
  Worker.create = (options) => create({ ...options, maxCachedWorkflows: Number(cached) });
}
const configuration = readWorkerConfiguration(process.env);
const log = processLog('worker', configuration.logLevel);
const billsNothing = process.env['DURABILL_BENCH_BILLING'] === 'nothing';
const worker = await startWorker(configuration, log, (activities, dependencies) =>
  billsNothing
    ? {
        ...activities,
        billPeriod: finishPeriodWithoutBilling(dependencies),
        priceInstantCharge: finishEventWithoutCharging(dependencies),
      }
    : activities,
);
onShutdown(() => worker.stop());
exitWithParent();
worker.running.catch((error: unknown) => {
  log.fatal({ err: error }, 'the worker cannot go on');
  process.exit(1);
});
process.send?.({ ready: true });
