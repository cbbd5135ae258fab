import type { DataExport } from '../../db/entities/data-exports/data-export.ts';

/** The address of an export's file, which works without a key until the file expires. */
export type FileLink = (dataExport: Pick<DataExport, 'id' | 'createdAt' | 'expiresAt' | 'resourceType'>) => string;
