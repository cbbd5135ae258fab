// The API of a measure: like api/main.ts, but with DURABILL_BENCH_STARTS=none it starts no workflow behind its answers,
// so that a request is measured alone.
import { WorkflowClient } from '@temporalio/client';

if (process.env['DURABILL_BENCH_STARTS'] === 'none') {
  const nothing = () => Promise.resolve({});
  Object.assign(WorkflowClient.prototype, { start: nothing, signalWithStart: nothing });
}
await import('../../api/main.ts');
