import type { Readable, Writable } from 'node:stream';

/** Part of a file, both ends inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Where files are kept: a folder, or a bucket. A key has slashes as a path has, `data_exports/{id}.csv`. */
export interface FileStore {
  /**
   * Stores a file whole or not at all: nobody ever reads half of it, and one of the same key is replaced.
   *
   * @param produce writes it; its own errors are thrown on.
   * @throws StorageUnavailable when the store does not take it.
   */
  readonly write: (key: string, produce: (sink: Writable) => Promise<void>) => Promise<void>;
  /** @throws StorageUnavailable when the store does not give it. */
  readonly read: (key: string, range?: ByteRange) => Promise<Readable>;
  /**
   * Deletes every file whose key begins so, and what is left of such that were never finished.
   *
   * @param kept but this one.
   */
  readonly deleteAll: (prefix: string, kept?: string) => Promise<void>;
}

/** The store of files does not do what it is asked. It may be away for a while, full, or refuse us. */
export class StorageUnavailable extends Error {
  constructor(what: string, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'StorageUnavailable';
  }
}

/** Writes a chunk; resolves when the sink has taken it, and rejects when it never will. */
export const writeTo = (sink: Writable, chunk: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    // A stream that is destroyed forgets the chunk that it was holding back, and whom to tell.
    const forgotten = (): void => reject(sink.errored ?? new Error('nobody reads what is written'));
    sink.once('close', forgotten);
    sink.write(chunk, (error) => {
      sink.off('close', forgotten);
      if (error) reject(error);
      else resolve();
    });
  });
