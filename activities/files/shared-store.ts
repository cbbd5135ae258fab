import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { EntityManager } from '@mikro-orm/postgresql';
import { fileStoreId, noteFileStoreId } from '../../db/queries/operations/file-store-id.ts';
import { StorageUnavailable, writeTo, type FileStore } from './file-store.ts';

/** The file that says which store this is. */
const KEY = 'store-id';

/**
 * Notes which store of files this worker has, so that the API can tell whether it is its own. Of two workers that find
 * a new store at once each notes in the end what the store says.
 *
 * @throws StorageUnavailable when nothing can be written there.
 */
export async function noteFileStore(em: EntityManager, files: FileStore): Promise<void> {
  let id = await storeId(files);
  if (id === null) await files.write(KEY, (sink) => writeTo(sink, Buffer.from(randomUUID())));
  for (let noted: string | null = null; ; noted = id) {
    id = await storeId(files);
    if (id === null || id === noted) return;
    await noteFileStoreId(em, id);
  }
}

/** What keeps files that the workers make from being read here; null: nothing. */
export async function fileStoreProblem(em: EntityManager, files: FileStore): Promise<string | null> {
  const workers = await fileStoreId(em);
  if (workers === null || workers === (await storeId(files))) return null;
  return (
    'files that the workers make cannot be read here: DURABILL_FILES must be one folder that all share, ' +
    'or a bucket.'
  );
}

/** @returns null: there is none, or the store does not answer. */
async function storeId(files: FileStore): Promise<string | null> {
  try {
    return await text(await files.read(KEY));
  } catch (error) {
    if (error instanceof StorageUnavailable) return null;
    throw error;
  }
}
