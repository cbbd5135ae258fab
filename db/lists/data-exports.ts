import type { ExportStatus, ResourceType } from '../../billing/data-exports/data-export.ts';
import { anyOf, given } from './conditions.ts';
import { list, type Conditions } from './list.ts';

/** What a list of exports asks for; what it leaves out is open (spec, api 5.1). */
export interface DataExportFilter {
  readonly resourceTypes?: readonly ResourceType[] | undefined;
  readonly statuses?: readonly ExportStatus[] | undefined;
}

/** Exports, newest first. */
export const dataExportList = list({
  table: 'data_exports',
  order: [
    ['createdAt', 'desc'],
    ['id', 'asc'],
  ],
  conditions: (filter: DataExportFilter, { eb }: Conditions<'data_exports'>) => [
    given(filter.resourceTypes, (types) => eb('data_exports.resourceType', '=', anyOf(types))),
    given(filter.statuses, (statuses) => eb('data_exports.status', '=', anyOf(statuses))),
  ],
});
