import { markWorking } from '../../db/acts/lanes.ts';
import { columnNamesFor } from '../../db/queries/data-exports/exported-resources.ts';
import { freezeParts } from '../../db/queries/data-exports/parts.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { beating } from '../heartbeats.ts';
import type { ExportArgument } from './export-act.ts';
import { holdingExport } from './held-export.ts';

export type ExportBegun =
  /** There is nothing to make: it was canceled, or its file is there. */
  { readonly outcome: 'ended' } | { readonly outcome: 'parts'; readonly parts: number };

/**
 * Begins an export: fixes what it has, and in which columns. An export that has begun already goes on with what was
 * fixed then; so does one that failed, when an operator has it tried again.
 */
export const beginExport = (dependencies: ActivityDependencies, argument: ExportArgument): Promise<ExportBegun> =>
  beating(() =>
    holdingExport<ExportBegun>(dependencies, argument, async (em, { dataExport, now }) => {
      const { organizationId, resourceType, status } = dataExport;
      if (status === 'completed' || status === 'canceled') return { outcome: 'ended' };
      await markWorking(em, argument.actId);
      const columns = dataExport.columns ?? (await columnNamesFor(em, organizationId, resourceType));
      const { filter } = dataExport;
      const parts =
        dataExport.partsCount ?? (await freezeParts(em, dataExport, filter, dependencies.exporting.partSize));
      em.assign(dataExport, {
        status: 'processing',
        columns,
        partsCount: parts,
        error: null,
        startedAt: dataExport.startedAt ?? now,
        updatedAt: now,
      });
      await em.flush();
      return { outcome: 'parts', parts };
    }),
  );
