import { Runtime, makeTelemetryFilterString, type LogMetadata } from '@temporalio/worker';
import type { Logger } from 'pino';

/** Names of Temporal's facts as the rest of our log has them; others stay as they are. */
const NAMES: Readonly<Record<string, string>> = {
  workflowId: 'workflow_id',
  runId: 'run_id',
  // Of an activity.
  workflowRunId: 'run_id',
  workflowType: 'workflow',
  activityType: 'activity',
  taskQueue: 'task_queue',
};

/** What the SDK adds to each line of an activity or workflow and nobody looks for. */
const NOISE = new Set(['sdkComponent', 'namespace', 'isLocal', 'taskToken']);

export interface RuntimeOptions {
  readonly log: Logger;
  /** `host:port` of a page with the SDK's own metrics in Prometheus' format; undefined: none. */
  readonly metricsAddress: string | undefined;
}

/** Temporal's SDK logs into the same stream, and leaves signals to us (docs/architecture.md, Starting and stopping). */
export function installRuntime({ log, metricsAddress }: RuntimeOptions): void {
  const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;
  const write = (level: keyof typeof levels, message: string, meta?: LogMetadata): void =>
    log[levels[level]]({ ...factsOf(meta), source: 'temporal' }, message);
  Runtime.install({
    shutdownSignals: [],
    logger: {
      log: write,
      trace: (message, meta) => write('TRACE', message, meta),
      debug: (message, meta) => write('DEBUG', message, meta),
      info: (message, meta) => write('INFO', message, meta),
      warn: (message, meta) => write('WARN', message, meta),
      error: (message, meta) => write('ERROR', message, meta),
    },
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'WARN' }) },
      ...(metricsAddress !== undefined && { metrics: { prometheus: { bindAddress: metricsAddress } } }),
    },
  });
}

function factsOf(meta: LogMetadata = {}): Record<string, unknown> {
  const facts = Object.entries(meta as Record<string, unknown>).filter(([name]) => !NOISE.has(name));
  return Object.fromEntries(facts.map(([name, value]) => [NAMES[name] ?? (name === 'error' ? 'err' : name), value]));
}
