import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import type { Certificate } from './certificate.ts';

/** Speaks TLS for a server that does not. */
export interface TlsProxy {
  /** host:port. */
  readonly address: string;
  readonly close: () => Promise<void>;
}

/** @param to host:port; a connection is cut when the server behind it is not there. */
export async function startTlsProxy(to: string, { certificateFile, keyFile }: Certificate): Promise<TlsProxy> {
  const [host = '', port = ''] = to.split(':');
  const open = new Set<{ destroy: () => void }>();
  const options = { cert: readFileSync(certificateFile), key: readFileSync(keyFile), ALPNProtocols: ['h2'] };
  const server = createServer(options, (outside) => {
    const inside = connect(Number(port), host);
    const sides = [outside, inside] as const;
    for (const side of sides) {
      open.add(side);
      side.on('error', () => undefined);
      side.once('close', () => {
        open.delete(side);
        for (const other of sides) other.destroy();
      });
    }
    outside.pipe(inside).pipe(outside);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const side of open) side.destroy();
      await closed;
    },
  };
}
