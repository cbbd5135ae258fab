import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What VIES says of a number: valid or not, one of its error codes, or whatever a test does with the connection. */
export type ViesReply = string | { readonly valid: boolean; readonly [field: string]: unknown } | Answering;

export type Answering = (response: ServerResponse) => void;

export interface ViesCall {
  /** Both parts joined. */
  readonly number: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ViesStandIn {
  /** What durabill gets as `VIES_URL`. */
  readonly url: string;
  /** In the order of their arrival. */
  readonly calls: ViesCall[];
  /** Replies for a number, one a call, the last one again and again; a number without any is unknown to VIES. */
  says(number: string, ...replies: readonly ViesReply[]): void;
  close(): Promise<void>;
}

/** A server in the place of the EU's REST service, which no test may reach. */
export async function viesStandIn(): Promise<ViesStandIn> {
  const calls: ViesCall[] = [];
  const replies = new Map<string, ViesReply[]>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method !== 'POST' || request.url !== '/check-vat-number') {
        response.writeHead(404).end();
        return;
      }
      const body = JSON.parse(Buffer.concat(chunks).toString());
      const number = `${body.countryCode}${body.vatNumber}`;
      calls.push({ number, body });
      const left = replies.get(number) ?? [];
      reply(response, body, (left.length > 1 ? left.shift() : left[0]) ?? { valid: false });
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    says: (number, ...given) => void replies.set(number, [...given]),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function reply(response: ServerResponse, asked: Record<string, unknown>, said: ViesReply): void {
  if (typeof said === 'function') {
    said(response);
    return;
  }
  const { countryCode, vatNumber, requesterNumber } = asked;
  const body =
    typeof said === 'string'
      ? { actionSucceed: false, errorWrappers: [{ error: said }] }
      : {
          countryCode,
          vatNumber,
          requestDate: '2026-11-28T00:00:00.000Z',
          requestIdentifier: requesterNumber === undefined ? '' : 'WAPIAAAAW1',
          name: '---',
          address: '---',
          ...said,
        };
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
