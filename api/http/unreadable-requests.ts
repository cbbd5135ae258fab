import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { requestsTotal } from '../../telemetry/figures.ts';

/** How long a connection stays open for its client to read the last answer. */
const READING_MS = 1000;

const STATUSES = new Map([
  ['HPE_HEADER_OVERFLOW', 431],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
]);

/** Answers what never becomes a request, because Node cannot read it, in the shape of every other answer. */
export function answerUnreadable(server: Server, log: Logger): void {
  const answering = new WeakMap<Socket, ServerResponse>();
  server.prependListener('request', ({ socket }: { socket: Socket }, response: ServerResponse) => {
    answering.set(socket, response);
  });
  const refuse = (socket: Socket, status: number, reason: string | undefined): void => {
    const id = randomUUID();
    const line = { method: 'none', route: 'none', status };
    requestsTotal.inc(line);
    log.info({ ...line, reason, request_id: id }, 'request');
    socket.end(rawAnswer(status, id));
    socket.resume();
    setTimeout(() => socket.destroy(), READING_MS).unref();
  };
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket: Socket) => {
    const earlier = answering.get(socket);
    const isAnswering = earlier !== undefined && earlier.headersSent && !earlier.writableFinished;
    if (!socket.writable || code === 'ECONNRESET' || isAnswering) socket.destroy();
    else refuse(socket, STATUSES.get(code ?? '') ?? 400, code);
  });
  // A proxy it is not.
  server.on('connect', (_request, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    refuse(socket, 405, 'CONNECT');
  });
}

function rawAnswer(status: number, id: string): string {
  const text = status === 400 ? 'BadRequest: the request cannot be read' : STATUS_CODES[status];
  const body = JSON.stringify({ status, error: text });
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `X-Request-Id: ${id}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(status === 405 ? ['Allow: '] : []),
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
