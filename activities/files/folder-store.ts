import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { StorageUnavailable, type ByteRange, type FileStore } from './file-store.ts';

/** Files in a folder of this machine, or of a network file system that several machines share. */
export function folderStore(root: string): FileStore {
  return {
    write: async (key, produce) => {
      const path = join(root, key);
      // Beside it, so that a rename is all that is left to do, and whoever deletes by the key's beginning finds it.
      const unfinished = `${path}.${randomUUID()}.unfinished`;
      try {
        await produceFile(unfinished, produce);
        await stored(key, async () => {
          await rename(unfinished, path);
          await syncFolder(dirname(path));
        });
      } catch (error) {
        await rm(unfinished, { force: true }).catch(() => undefined);
        throw error;
      }
    },
    read: (key, range) => stored(key, () => openedFile(join(root, key), range)),
    deleteAll: (prefix, kept) =>
      stored(prefix, async () => {
        const folder = join(root, dirname(prefix));
        const names = await readdir(folder).catch(nothingThere);
        for (const name of names) {
          const isKept = kept !== undefined && join(folder, name) === join(root, kept);
          if (name.startsWith(basename(prefix)) && !isKept)
            await rm(join(folder, name), { recursive: true, force: true });
        }
      }),
  };
}

async function produceFile(path: string, produce: (sink: Writable) => Promise<void>): Promise<void> {
  await stored(path, () => mkdir(dirname(path), { recursive: true }));
  const sink = createWriteStream(path, { flags: 'wx', flush: true });
  const closed = new Promise<void>((resolve) => {
    sink.once('close', () => {
      resolve();
    });
  });
  let failure: unknown;
  sink.on('error', (error) => {
    failure ??= error;
  });
  try {
    await produce(sink);
    sink.end();
    await finished(sink);
  } catch (error) {
    sink.destroy();
    // Until then a file that is just being opened may still come to be, after it was removed.
    await closed;
    throw failure === undefined ? error : new StorageUnavailable('a file cannot be written', failure);
  }
}

async function openedFile(path: string, range?: ByteRange): Promise<Readable> {
  const file = await open(path, 'r');
  return file.createReadStream(range);
}

/** Without it a rename may be forgotten when the machine loses its power. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function nothingThere(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

async function stored<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof StorageUnavailable ? error : new StorageUnavailable(`the file ${key}`, error);
  }
}
