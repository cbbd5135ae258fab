import type { Tracing, TracingOptions } from './tracing.ts';

/**
 * Starts tracing if the environment names a collector. Otherwise nothing of OpenTelemetry is loaded. A mistake in its settings
 * is told and costs the traces, not the billing (S118).
 */
export async function startTracingIfWanted(
  environment: NodeJS.ProcessEnv,
  options: TracingOptions,
): Promise<Tracing | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces } = environment;
  // An empty variable counts as not set.
  const isWanted = [all, traces].some((endpoint) => endpoint !== undefined && endpoint !== '');
  if (!isWanted || environment['OTEL_SDK_DISABLED'] === 'true') return undefined;
  try {
    const { startTracing } = await import('./tracing.ts');
    return startTracing(options);
  } catch (error) {
    options.warn(`tracing could not be started: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
