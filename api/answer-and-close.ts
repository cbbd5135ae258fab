import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Watches a server's connections, so that it can be stopped without cutting anybody off and without waiting for anybody
 * who asks nothing: Node's own `closeIdleConnections` knows neither connections that have not asked yet nor those that
 * become idle later.
 *
 * @returns what stops it: no new connection, every request answered, every connection closed.
 */
export function answerAndClose(server: Server): () => Promise<void> {
  const answering = new Map<Socket, number>();
  let stopping = false;
  const add = (socket: Socket, count: number): void => {
    const open = answering.get(socket);
    if (open === undefined) return;
    answering.set(socket, open + count);
    if (stopping && open + count === 0) socket.end();
  };
  server.on('connection', (socket: Socket) => {
    answering.set(socket, 0);
    socket.once('close', () => answering.delete(socket));
    if (stopping) socket.destroy();
  });
  // First of all listeners: the answer is not on its way yet.
  server.prependListener('request', ({ socket }: { socket: Socket }, response: ServerResponse) => {
    if (stopping) response.shouldKeepAlive = false;
    add(socket, 1);
    response.once('close', () => add(socket, -1));
  });
  return () =>
    new Promise((closed) => {
      stopping = true;
      server.close(() => closed());
      for (const [socket, requests] of answering) if (requests === 0) socket.destroy();
    });
}
