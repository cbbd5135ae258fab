import type { Tracing, TracingOptions } from './tracing.ts';
import { messageOf } from './message-of.ts';

/**
 * Starts tracing if a collector is named. Otherwise nothing of OpenTelemetry is loaded. A mistake in its settings is
 * told and costs the traces, not the billing (S118).
 */
export async function startTracingIfWanted(isWanted: boolean, options: TracingOptions): Promise<Tracing | undefined> {
  if (!isWanted) return undefined;
  try {
    const { startTracing } = await import('./tracing.ts');
    return startTracing(options);
  } catch (error) {
    options.warn(`tracing could not be started: ${messageOf(error)}`);
    return undefined;
  }
}
