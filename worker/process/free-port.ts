import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the range from which systems take the ports of outgoing connections, so that ours stay free while a server is
 * down.
 */
const FIRST = 20_000;
const LAST = 29_999;
const ATTEMPTS_MAX = 200;

/**
 * The system's reason why nothing can listen on this port of the address now (`EADDRINUSE`, `EACCES`, ...); undefined:
 * it is free.
 */
export async function portProblem(port: number, host = '127.0.0.1'): Promise<string | undefined> {
  const probe = createServer();
  try {
    probe.listen({ port, host, exclusive: true });
    await once(probe, 'listening');
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    probe.close();
  }
}

/** The first free one of the ports on 127.0.0.1, or else any free port; never one in `taken`. */
export async function freePort(usual: readonly number[], taken: ReadonlySet<number> = new Set()): Promise<number> {
  const isFree = async (port: number) => !taken.has(port) && (await portProblem(port)) === undefined;
  for (const port of usual) if (await isFree(port)) return port;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const port = randomInt(FIRST, LAST + 1);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port was found between ${FIRST} and ${LAST}.`);
}
