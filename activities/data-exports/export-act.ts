import type { WantedAct } from '../../db/acts/act.ts';
import { actOf, type ActArgument, type ActKind } from '../acts/act-kind.ts';

/** An export: makes its file part by part, and deletes it when its time is over (spec, api 5.2). */
export const exportKind = {
  name: 'export',
  workflow: 'exportData',
  // A person waits for it: ahead of what is done in bulk, and never in the way of billing (S074).
  queue: 'exports',
  // What is done is in its row: a run of one that has failed may have closed well.
  reuse: 'ALLOW_DUPLICATE',
  conflict: 'USE_EXISTING',
  priority: 3,
  rank: 95,
  whenFailed: 'nothing',
} as const satisfies ActKind;

export interface ExportArgument extends ActArgument {
  readonly exportId: string;
  /** Whether the organization has a test clock. */
  readonly frozen: boolean;
}

export function exportAct(input: {
  readonly organizationId: string;
  readonly exportId: string;
  readonly frozen: boolean;
}): WantedAct {
  const { organizationId, exportId, frozen } = input;
  return actOf(exportKind, {
    id: `export/${exportId}`,
    organizationId,
    argument: { exportId, frozen },
    summary: `Make the file of export ${exportId}`,
  });
}
