import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/**
 * A part of an export: some objects of its list, in the list's order. Which ones is fixed when the export starts, and
 * once it is completed its lines are (S070).
 */
export const DataExportPart = defineEntity({
  name: 'DataExportPart',
  tableName: 'data_export_parts',
  properties: {
    dataExportId: p.uuid().primary(),
    /** From 0. */
    index: p.integer().primary(),
    organizationId: p.uuid(),
    objectIds: p.array().columnType('uuid[]'),
    /** The stored file that holds its lines, beside those of its neighbours; null: none, or no longer. */
    file: p.text().nullable(),
    rowsCount: p.integer().nullable(),
    bytesCount: p.bigint('bigint').nullable(),
    completedAt: p.datetime(3).nullable(),
  },
});
export type DataExportPart = InferEntity<typeof DataExportPart>;
