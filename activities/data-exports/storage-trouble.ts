import { ApplicationFailure } from '@temporalio/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { DataExport } from '../../db/entities/data-exports/data-export.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { StorageUnavailable } from '../files/file-store.ts';
import type { ExportArgument } from './export-act.ts';
import { holdingExport } from './held-export.ts';

/**
 * Does a step of an export that needs the store of files. While the store does not do what it is asked the export says
 * why and the step is tried again; when that has gone on for too long the export fails (S072).
 */
export async function withStorage<Result>(
  dependencies: ActivityDependencies,
  argument: ExportArgument,
  step: () => Promise<Result>,
): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error;
    const isOver = await noteTrouble(dependencies, argument, error.message);
    // Said outright: by its code, such as ECONNREFUSED, it would be taken for a database that is away, and tried for
    // ever.
    throw ApplicationFailure.create({ message: error.message, type: 'StorageUnavailable', nonRetryable: isOver });
  }
}

const noteTrouble = (
  dependencies: ActivityDependencies,
  argument: ExportArgument,
  message: string,
): Promise<boolean> => {
  const at = dependencies.realTime();
  return holdingExport(dependencies, argument, async (em, { dataExport, now }) => {
    const since = dataExport.storageFailsSince ?? at;
    if (dataExport.status === 'processing') {
      dependencies.warn('an export waits for the store of files', { exportId: dataExport.id, error: message });
      em.assign(dataExport, { storageFailsSince: since, error: message, updatedAt: now });
      await em.flush();
    }
    return at.getTime() - since.getTime() >= dependencies.exporting.storagePatienceMs;
  });
};

/** Notes that the store does its work: what was wrong is over. */
export function endTrouble(em: EntityManager, dataExport: DataExport): void {
  if (dataExport.storageFailsSince != null) em.assign(dataExport, { storageFailsSince: null, error: null });
}
