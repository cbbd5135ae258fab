import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runFolder } from '../processes/run-folder.ts';

export interface S3Server {
  readonly endpoint: string;
  readonly bucket: string;
  close(): Promise<void>;
}

/** What of the package we use; it has no types. */
interface Rver {
  run(): Promise<unknown>;
  close(): Promise<void>;
}

const Rver = createRequire(import.meta.url)('s3rver') as new (options: object) => Rver;

/** Whom the server believes. */
export const S3_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'S3RVER',
  AWS_SECRET_ACCESS_KEY: 'S3RVER',
  AWS_REGION: 'us-east-1',
} as const;

/** A server that speaks S3, over a folder of its own. */
export async function s3Server(): Promise<S3Server> {
  const bucket = 'exports';
  const server = new Rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory: mkdtempSync(join(runFolder(), 's3-')),
    configureBuckets: [{ name: bucket, configs: [] }],
  });
  const { port } = (await server.run()) as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, bucket, close: () => server.close() };
}
