import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedWebhook {
  readonly path: string;
  /** `X-Lago-Unique-Key`. */
  readonly key: string;
  readonly type: string;
  /** The id of the object that it is about. */
  readonly objectId: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly json: any;
}

/** What a receiver does with a webhook; it must answer it, or leave it hanging. */
export type Answering = (webhook: ReceivedWebhook, response: ServerResponse) => void;

export interface WebhookReceiver {
  readonly url: string;
  /** In the order of their arrival. */
  readonly received: ReceivedWebhook[];
  /** 204 until said otherwise. */
  answer: Answering;
  /** Cuts every connection and refuses new ones. */
  down(): Promise<void>;
  /** Listens again, at the same address. */
  up(): Promise<void>;
  close(): Promise<void>;
}

export const answering =
  (status: number, body = '', headers: Record<string, string> = {}): Answering =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);

/** An HTTP server of the test's own that receives webhooks. */
export async function webhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const json = JSON.parse(body);
      const webhook = {
        path: request.url ?? '',
        key: String(request.headers['x-lago-unique-key']),
        type: json.webhook_type,
        objectId: json[json.object_type]?.lago_id,
        headers: request.headers,
        body,
        json,
      };
      received.push(webhook);
      receiver.answer(webhook, response);
    });
  });
  let port = 0;
  const up = async (): Promise<void> => {
    await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
    ({ port } = server.address() as AddressInfo);
  };
  const down = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  const receiver: WebhookReceiver = {
    get url() {
      return `http://127.0.0.1:${port}/hooks`;
    },
    received,
    answer: answering(204),
    up,
    down,
    close: down,
  };
  await up();
  return receiver;
}
