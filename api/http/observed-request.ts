import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { requestSeconds, requestsInFlight, requestsTotal } from '../../telemetry/figures.ts';
import { withLogFacts, type LogFacts } from '../../telemetry/log-facts.ts';
import { beginRequestSpan } from '../../telemetry/trace-context.ts';
import { monotonicMs } from './clock.ts';

/** Asked every few seconds by machines: their lines would hide all others. */
const QUIET = /^\/(health|ready|metrics|docs|openapi\.json)/;

/**
 * Names each request (`X-Request-Id`), counts it, and writes one line about it when it has been answered: its route as
 * a template, never its path, which holds ids and customers' names.
 */
export const observedRequest =
  (log: Logger): RequestHandler =>
  (request, response, next) => {
    const id = randomUUID();
    const began = monotonicMs();
    response.locals['requestId'] = id;
    response.set('X-Request-Id', id);
    const facts: LogFacts = { request_id: id };
    const span = beginRequestSpan(request.method, request.headers);
    requestsInFlight.inc();
    response.once('close', () => {
      requestsInFlight.dec();
      const labels = { method: request.method, route: routeOf(request) };
      const seconds = (monotonicMs() - began) / 1000;
      const status = response.writableFinished ? response.statusCode : 499;
      requestsTotal.inc({ ...labels, status });
      requestSeconds.observe(labels, seconds);
      const level = QUIET.test(labels.route) ? 'debug' : 'info';
      const line = { ...labels, status, ms: Math.round(seconds * 1000) };
      withLogFacts(facts, () => span.within(() => log[level](line, 'request')));
      span.end(labels.route, status, { ...facts });
    });
    withLogFacts(facts, () => span.within(next));
  };

/** The route's template, `/api/v1/customers/:external_id`; `none` for a path that nothing is at. */
export function routeOf(request: Request): string {
  const path: unknown = (request.route as { readonly path?: unknown } | undefined)?.path;
  if (typeof path === 'string') return `${request.baseUrl}${path}`.replace(/(?<=.)\/$/, '');
  return request.baseUrl === '/docs' ? '/docs' : 'none';
}
