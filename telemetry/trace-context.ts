/**
 * The seam to OpenTelemetry. Everything that carries a trace on asks here; until tracing is switched on
 * (`telemetry/tracing.ts`) there is none, nothing of OpenTelemetry is loaded, and each of these costs a call.
 */
export interface TraceContext {
  /** The W3C `traceparent` of the span that is active; null: there is none. */
  readonly traceparent: () => string | null;
  /** Does work as a part of the trace that a `traceparent` names; null: as a part of none. */
  readonly within: <Result>(traceparent: string | null, work: () => Result) => Result;
  /** Begins the span of a request, as a part of its caller's trace if it names one. */
  readonly beginRequest: (method: string, headers: Readonly<Record<string, unknown>>) => RequestSpan;
  /** For log lines (S116). */
  readonly ids: () => TraceIds;
}

export interface RequestSpan {
  readonly within: <Result>(work: () => Result) => Result;
  /** @param route its template; @param facts ids. */
  readonly end: (route: string, status: number, facts: Readonly<Record<string, string>>) => void;
}

export interface TraceIds {
  readonly trace_id: string;
  readonly span_id: string;
}

/** All zeros, as OpenTelemetry writes "no trace". */
export const NO_TRACE: TraceIds = { trace_id: '0'.repeat(32), span_id: '0'.repeat(16) };

const noSpan: RequestSpan = { within: (work) => work(), end: () => undefined };

let active: TraceContext = {
  traceparent: () => null,
  within: (_traceparent, work) => work(),
  beginRequest: () => noSpan,
  ids: () => NO_TRACE,
};

/** Called once, by what switches tracing on. */
export function useTraceContext(context: TraceContext): void {
  active = context;
}

export const currentTraceparent = (): string | null => active.traceparent();
export const withinTrace = <Result>(traceparent: string | null, work: () => Result): Result =>
  active.within(traceparent, work);
export const beginRequestSpan: TraceContext['beginRequest'] = (method, headers) => active.beginRequest(method, headers);
export const currentTraceIds = (): TraceIds => active.ids();
