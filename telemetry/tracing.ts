import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  context,
  defaultTextMapGetter,
  diag,
  isSpanContextValid,
  propagation,
  trace,
  type DiagLogger,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { OpenTelemetryPlugin } from '@temporalio/interceptors-opentelemetry-v2';
import { traceStatements, type StatementPool } from './statement-spans.ts';
import { NO_TRACE, useTraceContext, type TraceContext } from './trace-context.ts';

/** Tracing that runs. */
export interface Tracing {
  /** For Temporal's client, worker and bundler alike. */
  readonly plugin: OpenTelemetryPlugin;
  readonly traceStatements: (pool: StatementPool) => void;
  /** Sends what is left, for a moment; a collector that does not answer keeps nobody waiting. */
  readonly stop: () => Promise<void>;
}

export interface TracingOptions {
  readonly role: string;
  readonly version: string;
  /** undefined: named after its role. */
  readonly serviceName?: string | undefined;
  /** Told when spans cannot be sent, at most once a minute. */
  readonly warn: (message: string) => void;
}

const LAST_SPANS_LIMIT_MS = 3000;
const WARN_EVERY_MS = 60_000;

/**
 * Switches tracing on for this process. Where spans go, how many and under which name are OpenTelemetry's own variables
 * (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_TRACES_SAMPLER`, `OTEL_SERVICE_NAME`, ...). Spans are sent in batches behind
 * the work; those that cannot be sent are dropped.
 */
export function startTracing({ role, version, warn, serviceName }: TracingOptions): Tracing {
  diag.setLogger(quietly(warn), { suppressOverrideMessage: true });
  const resource = defaultResource().merge(
    resourceFromAttributes({
      'service.name': serviceName ?? `durabill-${role}`,
      'service.version': version,
    }),
  );
  const processor = new BatchSpanProcessor(new OTLPTraceExporter());
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  useTraceContext(traceContext(version));
  return {
    plugin: new OpenTelemetryPlugin({ resource, spanProcessor: processor }),
    traceStatements,
    stop: async () => {
      const limit = Promise.withResolvers<void>();
      const timer = setTimeout(limit.resolve, LAST_SPANS_LIMIT_MS);
      await Promise.race([provider.shutdown().catch(() => undefined), limit.promise]);
      clearTimeout(timer);
    },
  };
}

function traceContext(version: string): TraceContext {
  const tracer = trace.getTracer('durabill', version);
  const contextOf = (traceparent: unknown) =>
    typeof traceparent === 'string'
      ? propagation.extract(ROOT_CONTEXT, { traceparent }, defaultTextMapGetter)
      : ROOT_CONTEXT;
  return {
    traceparent: () => {
      const carrier: { traceparent?: string } = {};
      propagation.inject(context.active(), carrier);
      return carrier.traceparent ?? null;
    },
    within: (traceparent, work) => context.with(contextOf(traceparent), work),
    beginRequest: (method, headers) => {
      const parent = contextOf(headers['traceparent']);
      const attributes = { 'http.request.method': method };
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
      const active = trace.setSpan(parent, span);
      return {
        within: (work) => context.with(active, work),
        end: (route, status, facts) => {
          span.updateName(`${method} ${route}`);
          span.setAttributes({ 'http.route': route, 'http.response.status_code': status, ...facts });
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    ids: () => {
      const here = trace.getSpanContext(context.active());
      return here && isSpanContextValid(here) ? { trace_id: here.traceId, span_id: here.spanId } : NO_TRACE;
    },
  };
}

/** OpenTelemetry's own complaints: that spans could not be sent is worth a line a minute, the rest is not. */
function quietly(warn: (message: string) => void): DiagLogger {
  let lastMs = -Infinity;
  const tell = (message: string, ...details: unknown[]): void => {
    if (performance.now() - lastMs < WARN_EVERY_MS) return;
    lastMs = performance.now();
    warn(`${message} ${details.map(String).join(' ')}`.slice(0, 500).trim());
  };
  const silent = (): void => undefined;
  return { error: tell, warn: tell, info: silent, debug: silent, verbose: silent };
}
