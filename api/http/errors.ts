import type { ErrorRequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { Refusal, type RefusalReason } from '../../billing/refusal.ts';
import { StorageUnavailable } from '../../activities/files/file-store.ts';
import { errorCodes, isAwayCode } from '../../db/error-codes.ts';
import { routeOf } from './observed-request.ts';
import { MethodNotAllowed } from './other-methods.ts';

interface ErrorAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  /**
   * The same request may be answered otherwise once something else has ended: it is not kept for an idempotency key.
   */
  readonly passes?: boolean;
}

const answer = (status: number, error: string, rest: Record<string, unknown> = {}): ErrorAnswer => ({
  status,
  body: { status, error, ...rest },
});

const unprocessable = (details: unknown): ErrorAnswer =>
  answer(422, 'Unprocessable Entity', { code: 'validation_errors', error_details: details });

/** The documented shape of each refusal (spec, api 1.3). */
function refusalAnswer(reason: RefusalReason): ErrorAnswer {
  switch (reason.kind) {
    case 'validation':
      return unprocessable(reason.details);
    case 'not_found':
      return answer(404, 'Not Found', { code: `${reason.resource}_not_found` });
    case 'unauthorized':
      return answer(401, 'Unauthorized');
    case 'forbidden':
      return answer(403, 'Forbidden', { code: reason.code, ...(reason.details && { error_details: reason.details }) });
    case 'not_allowed':
      return answer(405, 'Method Not Allowed', { code: reason.code });
    case 'bad_request':
      return answer(400, `BadRequest: ${reason.text}`);
    case 'conflict':
      return { ...answer(409, 'Conflict', { code: reason.code }), passes: true };
    case 'unprocessable':
      return answer(422, 'Unprocessable Entity', { code: reason.code });
    case 'lock_busy':
      return { ...answer(422, 'Unprocessable Entity', { code: 'lock_acquisition_failed' }), passes: true };
  }
}

const UNIQUE_VIOLATION = '23505';

/**
 * What the client sent that PostgreSQL refuses: texts it cannot hold (NUL bytes, lone surrogates, too long for an
 * index), numbers and dates out of its range.
 */
const UNSTORABLE = new Set(['22021', '22P05', '22P02', '22001', '22003', '22007', '22008', '22009', '54000', '2200H']);

/** Lock waits that ended. */
const LOCKED = new Set(['55P03', '40P01', '40001']);

/** Maps PostgreSQL's errors, once for the whole API. */
function databaseAnswer(error: unknown): ErrorAnswer | undefined {
  for (const code of errorCodes(error)) {
    if (code === UNIQUE_VIOLATION) return unprocessable({ base: ['value_already_exist'] });
    if (UNSTORABLE.has(code)) return unprocessable({ base: ['value_is_invalid'] });
    if (LOCKED.has(code)) return refusalAnswer({ kind: 'lock_busy' });
    if (isAwayCode(code)) {
      return {
        ...answer(503, 'Service Unavailable', { code: 'database_unavailable' }),
        headers: { 'Retry-After': '2' },
      };
    }
  }
  return undefined;
}

/** Errors of Express and its body parser carry their status. */
function requestAnswer(error: unknown): ErrorAnswer | undefined {
  const { status, type } = error as { status?: unknown; type?: unknown };
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined;
  if (status === 413) return answer(413, 'Payload Too Large');
  if (status === 415) return answer(415, 'Unsupported Media Type');
  const text = type === 'entity.parse.failed' ? 'the body is not valid JSON' : 'the request cannot be read';
  return answer(400, `BadRequest: ${text}`);
}

/** The answer to whatever went wrong; undefined when it is our own fault (500). */
export function answerTo(error: unknown): ErrorAnswer | undefined {
  if (error instanceof StorageUnavailable) {
    return { ...answer(503, 'Service Unavailable', { code: 'files_unavailable' }), headers: { 'Retry-After': '2' } };
  }
  if (error instanceof Refusal) return refusalAnswer(error.reason);
  if (error instanceof MethodNotAllowed) {
    return { ...answer(405, 'Method Not Allowed', { code: 'method_not_allowed' }), headers: { Allow: error.allow } };
  }
  return databaseAnswer(error) ?? requestAnswer(error);
}

/** The one place where errors become answers. */
export const errorHandler =
  (log: Logger): ErrorRequestHandler =>
  (error: unknown, request, response: Response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const known = answerTo(error);
    if (!known || known.status >= 500) {
      log.error({ err: error, method: request.method, route: routeOf(request) }, 'request failed');
    }
    const { status, body, headers } = known ?? answer(500, 'Internal Server Error');
    response
      .status(status)
      .set(headers ?? {})
      .json(body);
  };
