// A worker as `worker/main.ts` starts it, but with a tax provider, `ours`, which takes 10 % of every fee: there is no
// client of a real one yet. It writes a line into the file that STAND_IN_PROVIDER_LOG names for each question.
import { appendFileSync } from 'node:fs';
import { askTaxProvider } from '../../../activities/taxes/ask-tax-provider.ts';
import type { ProviderQuestion, TaxProvider } from '../../../activities/taxes/tax-provider.ts';
import { exitWithParent } from '../../../worker/process/exit-with-parent.ts';
import { processLog } from '../../../worker/process/process-log.ts';
import { readWorkerConfiguration } from '../../../worker/process/role-configuration.ts';
import { onShutdown } from '../../../worker/process/shutdown.ts';
import { startWorker } from '../../../worker/start-worker.ts';
import { tenPercent } from '../tax-provider-stand-in.ts';

const answer = (question: ProviderQuestion) => {
  appendFileSync(process.env['STAND_IN_PROVIDER_LOG']!, `${question.invoice.invoiceId}\n`);
  return Promise.resolve(tenPercent(question));
};
const provider: TaxProvider = { name: 'stand_in', estimate: answer, record: answer };

const configuration = readWorkerConfiguration(process.env);
const worker = await startWorker(
  configuration,
  processLog('worker', configuration.logLevel),
  (activities, dependencies) => ({
    ...activities,
    askTaxProvider: (asked) => askTaxProvider({ ...dependencies, taxProviders: new Map([['ours', provider]]) }, asked),
  }),
);
onShutdown(() => worker.stop());
exitWithParent();
process.send?.({ ready: true });
await worker.running;
