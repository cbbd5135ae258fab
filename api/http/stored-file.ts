import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { ByteRange, FileStore } from '../../activities/files/file-store.ts';

/** An answer that is a stored file: it is sent as a stream, whole or a range of it. */
export class StoredFile {
  readonly key: string;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: number;
  /** Another one for other bytes. */
  readonly tag: string;

  constructor(file: Pick<StoredFile, 'key' | 'name' | 'contentType' | 'bytes' | 'tag'>) {
    this.key = file.key;
    this.name = file.name;
    this.contentType = file.contentType;
    this.bytes = file.bytes;
    this.tag = file.tag;
  }
}

/**
 * Sends a stored file (RFC 9110, 14: one range; several are answered with the whole).
 *
 * @throws StorageUnavailable before anything is sent. What breaks off later ends the connection: nobody takes a part
 * for the whole.
 */
export async function sendStoredFile(
  request: Request,
  response: Response,
  files: FileStore,
  file: StoredFile,
): Promise<void> {
  const etag = `"${file.tag}"`;
  const ranges = rangesOf(request, file.bytes, etag);
  const isSent = ranges !== 'unsatisfiable' && request.method !== 'HEAD';
  // Before any header is set: the answer that says that it cannot be read is no file.
  const content = isSent ? await files.read(file.key, ranges) : null;
  response
    .type(file.contentType)
    .set('Accept-Ranges', 'bytes')
    .set('ETag', etag)
    .set('Content-Disposition', `attachment; filename="${file.name}"`)
    .set('Cache-Control', 'private');
  if (ranges === 'unsatisfiable') {
    response.status(416).set('Content-Range', `bytes */${file.bytes}`).end();
    return;
  }
  const length = ranges === undefined ? file.bytes : ranges.end - ranges.start + 1;
  if (ranges) response.status(206).set('Content-Range', `bytes ${ranges.start}-${ranges.end}/${file.bytes}`);
  response.set('Content-Length', String(length));
  if (content === null) {
    response.end();
    return;
  }
  // The headers are out once the first bytes are: an error is the end of the connection, and in the log of the request.
  await pipeline(content, response).catch(() => response.destroy());
}

/** @returns undefined: the whole. */
function rangesOf(request: Request, bytes: number, etag: string): ByteRange | 'unsatisfiable' | undefined {
  const condition = request.get('If-Range');
  if (condition !== undefined && condition !== etag) return undefined;
  const ranges = request.range(bytes, { combine: true });
  if (ranges === -1) return 'unsatisfiable';
  if (ranges === undefined || ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1) return undefined;
  return ranges[0];
}
