import { fileKeyOf } from '../../activities/data-exports/export-files.ts';
import { fileNameOf } from '../../billing/data-exports/data-export.ts';
import { refuseUndownloadable } from '../../billing/data-exports/export-state.ts';
import type { DataExport } from '../../db/entities/data-exports/data-export.ts';
import { StoredFile } from '../http/stored-file.ts';

/**
 * The file of an export.
 *
 * @param now the organization's clock.
 * @throws Refusal 405 `data_export_not_completed`, `data_export_expired` (spec, api 5.1).
 */
export function fileOf(dataExport: DataExport, now: Date): StoredFile {
  refuseUndownloadable(dataExport, now);
  return new StoredFile({
    key: fileKeyOf(dataExport.id),
    name: fileNameOf(dataExport),
    contentType: 'text/csv',
    bytes: Number(dataExport.bytesCount),
    tag: dataExport.id,
  });
}
