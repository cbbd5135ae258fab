import { failActs } from '../../db/acts/finish-acts.ts';
import { reopenParts } from '../../db/queries/data-exports/parts.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { announceExport } from './announce-export.ts';
import type { ExportArgument } from './export-act.ts';
import { holdingExport } from './held-export.ts';

export interface FailExportArgument extends ExportArgument {
  readonly message: string;
}

export interface ExportFailed {
  /** `ended`: it was canceled, or has failed before. */
  readonly outcome: 'failed' | 'ended';
}

/** Records that an export cannot be made, with the reason, and tells of it once (S072). */
export const failExport = (
  dependencies: ActivityDependencies,
  { message, ...argument }: FailExportArgument,
): Promise<ExportFailed> =>
  holdingExport<ExportFailed>(dependencies, argument, async (em, { dataExport, now }) => {
    if (dataExport.status !== 'pending' && dataExport.status !== 'processing') return { outcome: 'ended' };
    dependencies.warn('an export failed', { workflowId: argument.actId, error: message });
    await reopenParts(em, dataExport.id);
    em.assign(dataExport, {
      status: 'failed',
      error: message,
      storageFailsSince: null,
      partsDone: 0,
      rowsCount: 0n,
      bytesCount: 0n,
      updatedAt: now,
    });
    await em.flush();
    await announceExport(em, dependencies, dataExport, now);
    await failActs(em, [argument.actId], message);
    return { outcome: 'failed' };
  });
