// npm run bundle: writes the workflow code as one file, with which a worker is ready in a fraction of the time (DURABILL_WORKFLOW_BUNDLE).
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const target = pathOf('../.cache/workflows.js');

const { code } = await bundleWorkflowCode({
  workflowsPath: pathOf('../workflows/index.ts'),
  logger: new DefaultLogger('WARN'),
});
mkdirSync(dirname(target), { recursive: true });
// A worker that starts meanwhile must never read half a file.
writeFileSync(`${target}.new`, code);
renameSync(`${target}.new`, target);
console.log(`✓ .cache/workflows.js (${Math.round(code.length / 1024)} kB)`);
