import { createServer } from 'node:http';
import { registry } from '../telemetry/figures.ts';
import { UnusableSetting } from './process/unusable-setting.ts';

export interface MetricsServerOptions {
  readonly host: string;
  readonly port: number;
  /** Where the SDK shows its own metrics, `host:port`. */
  readonly sdkAddress: string;
  /** Whether the worker takes tasks. */
  readonly isReady: () => boolean;
}

const SDK_LIMIT_MS = 2000;

/**
 * A small page for machines: `/metrics` with our figures and the SDK's, and `/ready`.
 *
 * @throws UnusableSetting when nothing can listen there.
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<{ stop: () => Promise<void> }> {
  const { host, port } = options;
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/ready') {
      response.writeHead(options.isReady() ? 200 : 503, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: options.isReady() ? 'ok' : 'not ready' }));
    } else if (path === '/metrics') {
      page(options.sdkAddress).then(
        (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    } else {
      response.writeHead(404).end();
    }
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((listening, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new UnusableSetting(
          `DURABILL_METRICS_PORT is "${port}", but nothing can listen on ${host}:${port} (${error.code}): each ` +
            'worker needs a port of its own.',
          { cause: error },
        ),
      ),
    );
    server.listen(port, host, listening);
  });
  return {
    stop: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** Ours, and the SDK's behind them; if the SDK does not answer, ours alone. */
async function page(sdkAddress: string): Promise<string> {
  const [ours, theirs] = await Promise.all([
    registry.metrics(),
    fetch(`http://${sdkAddress}/metrics`, { signal: AbortSignal.timeout(SDK_LIMIT_MS) }).then(
      (response) => response.text(),
      () => '',
    ),
  ]);
  return `${ours}\n${theirs}`;
}
