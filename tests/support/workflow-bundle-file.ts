import { sharedServer } from './servers/shared-servers.ts';

/**
 * The run's bundle of the workflows, for DURABILL_WORKFLOW_BUNDLE: a worker that makes its own takes seconds of
 * processor time.
 */
export async function workflowBundleFile(
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<string> {
  const isTraced = environment['OTEL_EXPORTER_OTLP_ENDPOINT'] !== undefined;
  return (await sharedServer(isTraced ? 'traced-workflow-bundle' : 'plain-workflow-bundle')).file;
}
