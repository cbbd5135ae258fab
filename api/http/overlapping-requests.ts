import type { RequestHandler } from 'express';
import { realTime } from './clock.ts';

/** Equal requests under way without a pause between them. */
interface Overlap {
  readonly since: Date;
  requests: number;
}

/**
 * Notes when a request came, for the few that answer differently to whoever comes late: equal requests that overlap
 * came when the first of them did. Nothing else depends on it, so that each process may know of its own only.
 */
export function noteArrival(): RequestHandler {
  const underWay = new Map<string, Overlap>();
  return (request, response, next) => {
    if (request.method !== 'PUT') {
      response.locals['receivedAt'] = realTime();
      next();
      return;
    }
    const key = `${request.headers.authorization} ${request.originalUrl}`;
    const overlap = underWay.get(key) ?? { since: realTime(), requests: 0 };
    underWay.set(key, overlap);
    overlap.requests += 1;
    response.locals['receivedAt'] = overlap.since;
    // Also when the client has gone away.
    response.once('close', () => {
      overlap.requests -= 1;
      if (overlap.requests === 0) underWay.delete(key);
    });
    next();
  };
}
