import { z } from 'zod';
import { EXPORT_FORMATS, EXPORT_STATUSES, RESOURCE_TYPES } from '../../billing/data-exports/data-export.ts';
import { dataExportSchema } from '../../shapes/data-exports/data-export.ts';
import { someOfFilter } from '../http/filters.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { oneOf } from '../http/validation.ts';
import { email } from '../organizations/party-fields.ts';

export const dataExportCreateSchema = z
  .object({
    resource_type: oneOf(RESOURCE_TYPES),
    format: oneOf(EXPORT_FORMATS).default('csv'),
    filters: z
      .record(z.string(), z.unknown())
      .nullish()
      .meta({
        description: 'Those of the list of the resource, by their names there; none: all.',
        examples: [{ status: ['finalized'], issuing_date_from: '2026-01-01' }],
      }),
    notify_email: email.meta({ description: 'Who gets a mail when the file is there.' }),
  })
  .meta({ id: 'DataExportCreateInput' });

export type DataExportCreateInput = z.output<typeof dataExportCreateSchema>;

export const dataExportAnswer = z.strictObject({ data_export: dataExportSchema });

export const dataExportListAnswer = z.strictObject({ data_exports: z.array(dataExportSchema), meta: metaSchema });

export const dataExportListQuery = z.object({
  ...pageQuery,
  resource_type: someOfFilter(RESOURCE_TYPES),
  status: someOfFilter(EXPORT_STATUSES),
});
