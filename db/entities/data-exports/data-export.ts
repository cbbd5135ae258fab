import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { ExportFormat, ExportStatus, ResourceType } from '../../../billing/data-exports/data-export.ts';

/** A file that is made of a list, part by part (spec, api 5). */
export const DataExport = defineEntity({
  name: 'DataExport',
  tableName: 'data_exports',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    resourceType: p.text().$type<ResourceType>(),
    format: p.text().$type<ExportFormat>(),
    status: p.text().$type<ExportStatus>(),
    /** As they were asked for. */
    filters: p.json<Record<string, unknown>>(),
    /** What they mean (`db/lists/kept-filter.ts`). */
    filter: p.json<Record<string, unknown>>(),
    /** Fixed at the start, in their order; null: it has not begun. */
    columns: p.json<string[]>().nullable(),
    /** null: its ids are not fixed yet. */
    partsCount: p.integer().nullable(),
    partsDone: p.integer().default(0),
    rowsCount: p.bigint('bigint').default('0'),
    /** Of the parts, and in the end of the file. */
    bytesCount: p.bigint('bigint').default('0'),
    /** Why it has failed, or what it waits for. */
    error: p.text().nullable(),
    /** Real time since which no file could be written; null: all is well. */
    storageFailsSince: p.datetime(3).nullable(),
    /** Who is told when it is ready. */
    notifyEmail: p.text().nullable(),
    /** The API key that asked for it. */
    requestedBy: p.uuid().nullable(),
    startedAt: p.datetime(3).nullable(),
    completedAt: p.datetime(3).nullable(),
    expiresAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [{ name: 'data_exports_tenant', properties: ['organizationId', 'id'] }],
  indexes: [{ name: 'data_exports_newest', properties: ['organizationId', 'createdAt', 'id'] }],
});
export type DataExport = InferEntity<typeof DataExport>;
