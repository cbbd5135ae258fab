import { createServer, type AddressInfo } from 'node:net';

/** A port of the loopback interface that nothing listens on now; for a process that cannot choose and tell its own. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((closed) => server.close(() => closed()));
  return port;
}
