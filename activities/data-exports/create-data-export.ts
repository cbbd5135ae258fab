import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import type { ExportFormat, ResourceType } from '../../billing/data-exports/data-export.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import { DataExport } from '../../db/entities/data-exports/data-export.ts';
import { keptFilter } from '../../db/lists/kept-filter.ts';
import type { BillingScope } from '../command-scope.ts';
import { exportAct } from './export-act.ts';

export interface CreateDataExport {
  readonly resourceType: ResourceType;
  readonly format: ExportFormat;
  /** As they were asked for, to be shown. */
  readonly filters: Readonly<Record<string, unknown>>;
  /** What they mean to the list of the resource. */
  readonly filter: object;
  readonly notifyEmail: string | null;
  /** The API key that asks. */
  readonly requestedBy: string;
}

/** Wants an export in the caller's transaction; its file is made by the act (spec, api 5.1). */
export async function createDataExport(
  em: EntityManager,
  { organizationId, now, hasTestClock }: BillingScope,
  command: CreateDataExport,
): Promise<{ readonly dataExport: DataExport; readonly acts: readonly WantedAct[] }> {
  const { filters, filter, ...asked } = command;
  const dataExport = em.create(DataExport, {
    ...asked,
    id: v7(),
    organizationId,
    filters,
    filter: keptFilter(filter),
    status: 'pending',
    createdAt: now,
    updatedAt: now,
  });
  await em.flush();
  const acts = [exportAct({ organizationId, exportId: dataExport.id, frozen: hasTestClock })];
  await wantActs(em, acts, now);
  return { dataExport, acts };
}
