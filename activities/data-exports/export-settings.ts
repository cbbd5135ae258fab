import type { FileLink } from '../../shapes/data-exports/file-link.ts';

/** How this installation makes exports. */
export interface ExportSettings {
  /** Objects of one part (S068). */
  readonly partSize: number;
  /** How long a store of files may fail in real time before an export that needs it does. */
  readonly storagePatienceMs: number;
  readonly linkOf: FileLink;
}

/** An operator has half an hour to make room, or to bring the store back. */
export const STORAGE_PATIENCE_MS = 30 * 60_000;

export const PART_SIZE = 20;
