import type { CreateDataExport } from '../../activities/data-exports/create-data-export.ts';
import { textOrNull } from '../../billing/blank-text.ts';
import type { RequestContext } from '../http/request-context.ts';
import { listFilterOf } from './list-filters.ts';
import type { DataExportCreateInput } from './schema.ts';

/** @throws Refusal 422 on `filters.<name>`; 404 `billing_entity_not_found`, as the list of the resource. */
export async function toCreateDataExport(
  { em, apiKey }: RequestContext,
  input: DataExportCreateInput,
): Promise<CreateDataExport> {
  const filters = input.filters ?? {};
  return {
    resourceType: input.resource_type,
    format: input.format,
    filters,
    filter: await listFilterOf(em, input.resource_type, filters),
    notifyEmail: textOrNull(input.notify_email ?? null),
    requestedBy: apiKey.id,
  };
}
