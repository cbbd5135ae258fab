import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Tracing } from '../telemetry/tracing.ts';
import { UnusableSetting } from './process/unusable-setting.ts';

const quiet = { log: () => undefined, trace: () => undefined, debug: () => undefined, info: () => undefined };

export const workflowsPath = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));

/** `npm run bundle` writes two: with tracing, spans of workflows are part of the workflow code. */
export const tracedBundle = (path: string): string => path.replace(/\.js$/, '.traced.js');

/** The bundle that `npm run bundle` wrote to a file, or one made now from the source. */
export function workflowBundle(
  file: string | undefined,
  tracing: Tracing | undefined,
  log: Logger,
): Promise<WorkflowBundleWithSourceMap | { codePath: string }> {
  if (file !== undefined) {
    const codePath = tracing ? tracedBundle(file) : file;
    if (existsSync(codePath)) return Promise.resolve({ codePath });
    throw new UnusableSetting(
      `DURABILL_WORKFLOW_BUNDLE is "${file}", but ${codePath} is not there: run \`npm run bundle\`, or leave the ` +
        'variable out.',
    );
  }
  return bundleWorkflowCode({
    workflowsPath,
    logger: {
      ...quiet,
      warn: (message) => log.warn({ source: 'temporal' }, message),
      error: (message) => log.error({ source: 'temporal' }, message),
    },
    ...(tracing && { plugins: [tracing.plugin] }),
  });
}
