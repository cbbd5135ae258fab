import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { validate as isUuid } from 'uuid';
import { refuseUncancelable } from '../../billing/data-exports/export-state.ts';
import { notFound } from '../../billing/refusal.ts';
import { DataExport } from '../../db/entities/data-exports/data-export.ts';
import type { CommandScope } from '../command-scope.ts';

/**
 * Ends an export that is not completed yet, in the caller's transaction. Its workflow sees it at its next step, and
 * deletes what there is.
 *
 * @throws Refusal 404 `data_export_not_found`; 405 `data_export_processed`.
 */
export async function cancelDataExport(em: EntityManager, { now }: CommandScope, id: string): Promise<DataExport> {
  const dataExport = isUuid(id) ? await em.findOne(DataExport, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE }) : null;
  if (!dataExport) throw notFound('data_export');
  refuseUncancelable(dataExport);
  em.assign(dataExport, { status: 'canceled', error: null, storageFailsSince: null, updatedAt: now });
  await em.flush();
  return dataExport;
}
