import { PassThrough, type Readable, type Writable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { StorageUnavailable, type ByteRange, type FileStore } from './file-store.ts';

/** Bytes of one part of an upload; four of them at most are in memory. */
const PART_BYTES = 8 * 1024 * 1024;

export interface Bucket {
  readonly name: string;
  /** Before each key; empty, or with a slash at its end. */
  readonly prefix: string;
  /** Of a server that is not Amazon's. */
  readonly endpoint: string | undefined;
  /** How long the server may take for the answer to one request, the upload of a part for example. */
  readonly answerWithinMs: number;
}

/**
 * Files in a bucket of S3, or of any server that speaks its protocol. Region and credentials are read from where the
 * AWS SDK always finds them. An object is there whole or not at all: an upload that breaks off leaves none.
 */
export function s3Store({ name, prefix, endpoint, answerWithinMs }: Bucket): FileStore {
  const client = new S3Client({
    requestHandler: {
      connectionTimeout: answerWithinMs,
      requestTimeout: answerWithinMs,
      throwOnRequestTimeout: true,
    },
    // A server of one's own has its buckets in the path, not in its host name.
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
  });
  const at = (key: string) => ({ Bucket: name, Key: prefix + key });
  return {
    write: (key, produce) => uploaded(client, at(key), produce),
    read: (key, range) =>
      stored(key, async () => {
        const { Body } = await client.send(new GetObjectCommand({ ...at(key), ...rangeOf(range) }));
        return Body as Readable;
      }),
    deleteAll: (keys, kept) =>
      stored(keys, async () => {
        await abortUploads(client, name, prefix + keys);
        await deleteObjects(client, name, prefix + keys, kept === undefined ? undefined : prefix + kept);
      }),
  };
}

const rangeOf = (range: ByteRange | undefined) => (range ? { Range: `bytes=${range.start}-${range.end}` } : {});

async function uploaded(
  client: S3Client,
  object: { readonly Bucket: string; readonly Key: string },
  produce: (sink: Writable) => Promise<void>,
): Promise<void> {
  const sink = new PassThrough();
  const upload = new Upload({ client, params: { ...object, Body: sink }, partSize: PART_BYTES, queueSize: 3 });
  let refused: unknown;
  const done = upload.done().catch((error: unknown) => {
    refused = error;
    // Nobody reads any more: whoever writes is told.
    sink.destroy(error as Error);
  });
  sink.on('error', () => undefined);
  try {
    await produce(sink);
    sink.end();
    await done;
  } catch (error) {
    // Where nobody reads any more, the upload has failed, and says why when it has cleaned up.
    const isOurs = !sink.destroyed;
    if (isOurs) await upload.abort().catch(() => undefined);
    sink.destroy();
    await done;
    if (isOurs || refused === undefined) throw error;
  }
  if (refused !== undefined) throw new StorageUnavailable(`the file ${object.Key}`, refused);
}

async function deleteObjects(client: S3Client, bucket: string, prefix: string, kept?: string): Promise<void> {
  for (let token: string | undefined, more = true; more;) {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
    );
    const keys = (page.Contents ?? []).map(({ Key = '' }) => Key).filter((key) => key !== kept);
    if (keys.length > 0) {
      const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
      const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }));
      if (Errors[0]) throw new Error(`${Errors[0].Key} cannot be deleted: ${Errors[0].Message}`);
    }
    token = page.NextContinuationToken;
    more = token !== undefined;
  }
}

/** What was never finished is paid for until it is aborted. */
async function abortUploads(client: S3Client, bucket: string, prefix: string): Promise<void> {
  const { Uploads = [] } = await client
    .send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix }))
    // Not every server knows it.
    .catch(() => ({ Uploads: [] }));
  for (const { Key, UploadId } of Uploads) {
    await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
  }
}

async function stored<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof StorageUnavailable ? error : new StorageUnavailable(`the file ${key}`, error);
  }
}
