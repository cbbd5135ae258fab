// Stands in for worker/main.ts where a test is about starting and stopping.
import { exitWithParent } from '../../../worker/process/exit-with-parent.ts';
import { onShutdown } from '../../../worker/process/shutdown.ts';

const atWork = setInterval(() => undefined, 60_000);
// eslint-disable-next-line typescript/require-await
onShutdown(async ({ kind }) => {
  clearInterval(atWork);
  console.log(`worker stopped: ${kind}`);
});
exitWithParent();
process.send?.({ ready: true });
