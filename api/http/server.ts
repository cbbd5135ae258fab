import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { normalizeTarget } from './request-target.ts';
import { answerUnreadable } from './unreadable-requests.ts';

const KEEP_ALIVE_MS = 65_000;
const REQUEST_MS = 60_000;
const HEADERS_MS = 15_000;

/**
 * The HTTP server around the request handling; it is not listening yet. Whatever a client sends, it is answered in JSON
 * or not at all.
 */
export function makeServer(handle: RequestHandler, log: Logger): Server {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    normalizeTarget(request);
    // What is left over here has failed in the middle of its answer: Express would end it with a page of HTML.
    void handle(request as Request, response as Response, () => response.destroy());
  };
  // A health check may have no host name; everything else does without in `refuseHostless`.
  const server = createServer({ requireHostHeader: false }, answer);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.requestTimeout = REQUEST_MS;
  server.headersTimeout = HEADERS_MS;
  // Any other expectation than that of a go-ahead may be passed over (RFC 9110, 10.1.1).
  server.on('checkExpectation', answer);
  answerUnreadable(server, log);
  return server;
}
