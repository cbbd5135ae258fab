import type { EntityManager } from '@mikro-orm/postgresql';
import type { DataExport } from '../../db/entities/data-exports/data-export.ts';
import { dataExportJson } from '../../shapes/data-exports/data-export.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { emitWebhooks } from '../webhooks/emit-webhooks.ts';

/**
 * Tells of an export that has ended, in the transaction that ends it (spec, api 4.4, 5.2).
 *
 * @param now the organization's clock.
 */
export async function announceExport(
  em: EntityManager,
  { exporting }: Pick<ActivityDependencies, 'exporting'>,
  dataExport: DataExport,
  now: Date,
): Promise<void> {
  const { id, organizationId, status } = dataExport;
  const type = status === 'completed' ? 'data_export.completed' : 'data_export.failed';
  await emitWebhooks(em, { organizationId, now }, [type], () => [
    { type, objectId: id, object: dataExportJson(dataExport, exporting.linkOf, now) },
  ]);
}
