// npm run bundle: writes the workflow code as files, with which a worker is ready in a fraction of the time
// (DURABILL_WORKFLOW_BUNDLE): one for workers without tracing, one for those with it, whose spans are made inside the
// workflows. They go to .cache/workflows.js and .cache/workflows.traced.js, or below the name that is given; with
// `plain` or `traced` behind it only one is made.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { tracedBundle, workflowsPath } from '../worker/workflow-bundle.ts';

const [target = fileURLToPath(new URL('../.cache/workflows.js', import.meta.url)), only] = process.argv.slice(2);

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
for (const isTraced of [false, true]) {
  if (only === (isTraced ? 'plain' : 'traced')) continue;
  const file = isTraced ? tracedBundle(target) : target;
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    logger: new DefaultLogger('WARN'),
    plugins: isTraced ? [await tracingPlugin()] : [],
  });
  // A worker that starts meanwhile must never read half a file.
  writeFileSync(`${file}.new`, code);
  renameSync(`${file}.new`, file);
  console.log(`✓ ${file} (${Math.round(code.length / 1024)} kB)`);
}
