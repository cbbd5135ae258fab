import { fileURLToPath } from 'node:url';
import type { FileStore } from './file-store.ts';
import { folderStore } from './folder-store.ts';
import { s3Store } from './s3-store.ts';

/** What says where files are. */
export interface FilesSetting {
  /** `file:///var/lib/durabill/files`, or `s3://bucket/prefix`. */
  readonly address: string;
  /** Of an S3 server that is not Amazon's. */
  readonly endpoint: string | undefined;
}

/** Enough for 8 MiB over a slow line. */
const ANSWER_WITHIN_MS = 60_000;

export function openFileStore({ address, endpoint }: FilesSetting): FileStore {
  const url = new URL(address);
  if (url.protocol === 'file:') return folderStore(fileURLToPath(url));
  const path = url.pathname.replaceAll(/^\/+|\/+$/g, '');
  const prefix = path === '' ? '' : `${path}/`;
  return s3Store({ name: url.hostname, prefix, endpoint, answerWithinMs: ANSWER_WITHIN_MS });
}
