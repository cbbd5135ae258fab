import { fileURLToPath } from 'node:url';
import type { FileStore } from './file-store.ts';
import { folderStore } from './folder-store.ts';

/** @param address `file:///…`, as `DURABILL_FILES` says. */
export const openFileStore = (address: string): FileStore => folderStore(fileURLToPath(address));
