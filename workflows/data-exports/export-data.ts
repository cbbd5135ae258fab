import { ActivityCancellationType, CancellationScope, proxyActivities, setHandler } from '@temporalio/workflow';
import type { ExportArgument } from '../../activities/data-exports/export-act.ts';
import type { Activities } from '../../activities/index.ts';
import { policies } from '../policies.ts';
import { definiteFailure } from '../second-try.ts';
import { wake, wokenOr } from '../waiting.ts';

const { beginExport, exportParts, assembleExport, failExport, clearExport } = proxyActivities<Activities>({
  ...policies.exporting,
  // What is being written has ended before anything is deleted.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** Ranges of parts that are worked on side by side. */
const AT_ONCE = 4;

/** Parts that one activity works on at most. */
const RANGE_PARTS = 1000;

export interface ExportEnd {
  readonly outcome: 'completed' | 'failed' | 'ended';
}

/**
 * An export: fixes what it has, makes its parts side by side, puts them together, and deletes the file when its time is
 * over. A wake-up says that a test clock has come to that moment.
 */
export async function exportData(argument: ExportArgument): Promise<ExportEnd> {
  let wakeUps = 0;
  setHandler(wake, () => {
    wakeUps += 1;
  });
  const outcome = await make(argument);
  for (;;) {
    const before = wakeUps;
    const cleared = await clearExport(argument);
    if (cleared.outcome === 'ended') return { outcome };
    await wokenOr(argument.frozen ? null : cleared.dueAt, () => wakeUps > before);
  }
}

async function make(argument: ExportArgument): Promise<ExportEnd['outcome']> {
  try {
    const begun = await beginExport(argument);
    if (begun.outcome === 'ended' || !(await makeParts(argument, begun.parts))) return 'ended';
    return (await assembleExport(argument)).outcome;
  } catch (error) {
    const { message } = definiteFailure(error);
    return (await failExport({ ...argument, message })).outcome;
  }
}

/** @returns whether all are completed; otherwise nobody wants them any more. */
async function makeParts(argument: ExportArgument, parts: number): Promise<boolean> {
  const size = Math.max(1, Math.min(RANGE_PARTS, Math.ceil(parts / AT_ONCE)));
  let next = 0;
  const lane = async (): Promise<boolean> => {
    while (next < parts) {
      const first = next;
      next += size;
      const done = await exportParts({ ...argument, first, last: Math.min(first + size, parts) - 1 });
      if (done.outcome === 'ended') return false;
    }
    return true;
  };
  const scope = new CancellationScope();
  return scope.run(async () => {
    const lanes = Array.from({ length: AT_ONCE }, lane);
    try {
      return (await Promise.all(lanes)).every(Boolean);
    } catch (error) {
      scope.cancel();
      await Promise.allSettled(lanes);
      throw error;
    }
  });
}
