import { z } from 'zod';
import { EXPORT_FORMATS, EXPORT_STATUSES, fileNameOf, RESOURCE_TYPES } from '../../billing/data-exports/data-export.ts';
import { isExpired } from '../../billing/data-exports/export-state.ts';
import type { DataExport } from '../../db/entities/data-exports/data-export.ts';
import { datetime } from '../formats.ts';
import type { FileLink } from './file-link.ts';

const moment = z.string().meta({ format: 'date-time' });

export const dataExportSchema = z
  .strictObject({
    lago_id: z.uuid(),
    resource_type: z.enum(RESOURCE_TYPES),
    format: z.enum(EXPORT_FORMATS),
    status: z.enum(EXPORT_STATUSES),
    filters: z.record(z.string(), z.unknown()),
    file_url: z.string().nullable().meta({ description: 'Works without an API key until `expires_at`.' }),
    filename: z.string().nullable(),
    parts_count: z.int().nullable().meta({ description: 'Null until the export has begun.' }),
    parts_done: z.int(),
    rows_count: z.int().meta({ description: 'Lines that are there so far, without the names.' }),
    bytes_count: z.int().meta({ description: 'Bytes that are there so far; in the end those of the file.' }),
    error: z.string().nullable().meta({ description: 'Why it has failed, or what it waits for.' }),
    notify_email: z.string().nullable(),
    lago_requested_by: z.uuid().nullable().meta({ description: 'The API key.' }),
    created_at: moment,
    started_at: moment.nullable(),
    completed_at: moment.nullable(),
    expires_at: moment.nullable(),
  })
  .meta({ id: 'DataExport' });

/**
 * An export in answers and webhooks (spec, api 5.1).
 *
 * @param now the organization's clock.
 */
export function dataExportJson(dataExport: DataExport, linkOf: FileLink, now: Date): z.infer<typeof dataExportSchema> {
  const isThere = dataExport.status === 'completed' && !isExpired(dataExport, now);
  return {
    lago_id: dataExport.id,
    resource_type: dataExport.resourceType,
    format: dataExport.format,
    status: dataExport.status,
    filters: dataExport.filters,
    file_url: isThere ? linkOf(dataExport) : null,
    filename: dataExport.status === 'completed' ? fileNameOf(dataExport) : null,
    parts_count: dataExport.partsCount ?? null,
    parts_done: dataExport.partsDone,
    rows_count: Number(dataExport.rowsCount),
    bytes_count: Number(dataExport.bytesCount),
    error: dataExport.error ?? null,
    notify_email: dataExport.notifyEmail ?? null,
    lago_requested_by: dataExport.requestedBy ?? null,
    created_at: datetime(dataExport.createdAt),
    started_at: datetime(dataExport.startedAt),
    completed_at: datetime(dataExport.completedAt),
    expires_at: datetime(dataExport.expiresAt),
  };
}
