// npm run bundle: writes the workflow code as files, with which a worker is ready in a fraction of the time (DURABILL_WORKFLOW_BUNDLE):
// one for workers without tracing, one for those with it, whose spans are made inside the workflows.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { tracedBundle, workflowsPath } from '../worker/workflow-bundle.ts';

const target = fileURLToPath(new URL('../.cache/workflows.js', import.meta.url));

/** What the bundler takes from the plugin are the workflow's interceptors; nothing is sent anywhere here. */
async function tracingPlugin() {
  const [{ OpenTelemetryPlugin }, { SimpleSpanProcessor, InMemorySpanExporter }, { defaultResource }] =
    await Promise.all([
      import('@temporalio/interceptors-opentelemetry-v2'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/resources'),
    ]);
  return new OpenTelemetryPlugin({
    resource: defaultResource(),
    spanProcessor: new SimpleSpanProcessor(new InMemorySpanExporter()),
  });
}

mkdirSync(dirname(target), { recursive: true });
for (const [file, plugins] of [
  [target, []],
  [tracedBundle(target), [await tracingPlugin()]],
] as const) {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    logger: new DefaultLogger('WARN'),
    plugins: [...plugins],
  });
  // A worker that starts meanwhile must never read half a file.
  writeFileSync(`${file}.new`, code);
  renameSync(`${file}.new`, file);
  console.log(`✓ ${file} (${Math.round(code.length / 1024)} kB)`);
}
