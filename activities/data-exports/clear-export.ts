import { ApplicationFailure } from '@temporalio/common';
import { isExpired } from '../../billing/data-exports/export-state.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { markWaitingUntil, markWorking } from '../../db/acts/lanes.ts';
import { DataExport } from '../../db/entities/data-exports/data-export.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import { scopedTo } from '../../db/orm.ts';
import { deleteParts } from '../../db/queries/data-exports/parts.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { StorageUnavailable } from '../files/file-store.ts';
import { beating } from '../heartbeats.ts';
import type { ExportArgument } from './export-act.ts';
import { fileKeyOf, filesOf } from './export-files.ts';
import { holdingExport } from './held-export.ts';

export type Cleared =
  | { readonly outcome: 'ended' }
  /** Its file can be had until then, by the organization's clock. */
  | { readonly outcome: 'waiting'; readonly dueAt: string };

/**
 * Deletes what an export leaves behind (S071): the files of its parts at once, its own when its time is over. May run
 * any number of times.
 */
export const clearExport = (dependencies: ActivityDependencies, argument: ExportArgument): Promise<Cleared> =>
  beating(async () => {
    const { organizationId, exportId } = argument;
    const em = scopedTo(dependencies.orm.em, organizationId);
    const { clockNow } = await em.findOneOrFail(Organization, { id: organizationId });
    const dataExport = await em.findOneOrFail(DataExport, { id: exportId });
    const isKept = dataExport.status === 'completed' && !isExpired(dataExport, clockNow ?? dependencies.realTime());
    await deleteFiles(dependencies, filesOf(exportId), isKept ? fileKeyOf(exportId) : undefined);
    return holdingExport<Cleared>(dependencies, argument, async (inner, { dataExport: { status, expiresAt } }) => {
      if (isKept && expiresAt != null) {
        await markWorking(inner, argument.actId);
        await markWaitingUntil(inner, argument.actId, expiresAt);
        return { outcome: 'waiting', dueAt: expiresAt.toISOString() };
      }
      // One that has failed may be tried again, with the same objects.
      if (status !== 'failed') {
        await deleteParts(inner, exportId);
        await finishActs(inner, [argument.actId]);
      }
      return { outcome: 'ended' };
    });
  });

/** For as long as it takes: what is not deleted would be there for ever. */
async function deleteFiles({ files }: ActivityDependencies, prefix: string, kept?: string): Promise<void> {
  try {
    await files.deleteAll(prefix, kept);
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error;
    throw ApplicationFailure.retryable(error.message, 'StorageUnavailable');
  }
}
