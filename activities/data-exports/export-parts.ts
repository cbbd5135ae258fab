import { Context } from '@temporalio/activity';
import { markWorking } from '../../db/acts/lanes.ts';
import { DataExport } from '../../db/entities/data-exports/data-export.ts';
import { scopedTo } from '../../db/orm.ts';
import {
  completeParts,
  copyParts,
  openParts,
  type DonePart,
  type PartRange,
} from '../../db/queries/data-exports/parts.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { writeTo } from '../files/file-store.ts';
import { beating } from '../heartbeats.ts';
import type { ExportArgument } from './export-act.ts';
import { partsKeyOf } from './export-files.ts';
import { holdingExport } from './held-export.ts';
import { endTrouble, withStorage } from './storage-trouble.ts';

export interface ExportPartsArgument extends ExportArgument, PartRange {}

export type PartsOutcome =
  | { readonly outcome: 'completed' }
  /** Nobody wants it any more. */
  | { readonly outcome: 'ended' };

/** Parts whose lines one file holds: what is done again after a crash, at most. */
const PARTS_A_FILE = 250;

/** Bytes that are written at once. */
const BATCH_BYTES = 256 * 1024;

/**
 * Makes the parts of a range that are not completed yet. What is completed stays as it is (S070), so that after a crash
 * only the file that was being written is made anew.
 */
export const exportParts = (dependencies: ActivityDependencies, argument: ExportPartsArgument): Promise<PartsOutcome> =>
  beating(() =>
    withStorage(dependencies, argument, async () => {
      const { organizationId, exportId } = argument;
      for (;;) {
        Context.current().cancellationSignal.throwIfAborted();
        const em = scopedTo(dependencies.orm.em, organizationId);
        const dataExport = await em.findOneOrFail(DataExport, { id: exportId });
        if (dataExport.status !== 'processing') return { outcome: 'ended' };
        const range = await openParts(em, exportId, argument, PARTS_A_FILE);
        if (range === null) return { outcome: 'completed' };
        await exportFile(dependencies, argument, dataExport, range);
      }
    }),
  );

/** Writes the lines of neighbouring parts to a file of their own, and then, in one transaction, that they are done. */
async function exportFile(
  dependencies: ActivityDependencies,
  argument: ExportArgument,
  dataExport: DataExport,
  range: PartRange,
): Promise<void> {
  const { files, fault } = dependencies;
  const em = scopedTo(dependencies.orm.em, dataExport.organizationId);
  const key = partsKeyOf(dataExport.id, range.first);
  const parts: DonePart[] = [];
  await files.write(key, async (sink) => {
    const tally = partTally(range);
    const batch = Buffer.allocUnsafe(BATCH_BYTES);
    let filled = 0;
    const flush = (): Promise<void> => {
      const full = Buffer.from(batch.subarray(0, filled));
      filled = 0;
      return writeTo(sink, full);
    };
    await copyParts(em, dataExport, dataExport.columns ?? [], range, (part, line) => {
      tally.add(part, line.length);
      if (line.length > BATCH_BYTES) {
        return Promise.all([flush(), writeTo(sink, Buffer.from(line))]).then(() => undefined);
      }
      const flushed = filled + line.length > BATCH_BYTES ? flush() : undefined;
      filled += line.copy(batch, filled);
      return flushed;
    });
    await flush();
    parts.push(...tally.parts());
  });
  fault('export:part-stored');
  const isOurs = await holdingExport(dependencies, argument, async (inner, held) => {
    if (held.dataExport.status !== 'processing') return false;
    if (!(await completeParts(inner, held.dataExport.id, key, parts, held.now))) return false;
    endTrouble(inner, held.dataExport);
    inner.assign(held.dataExport, {
      partsDone: held.dataExport.partsDone + parts.length,
      rowsCount: held.dataExport.rowsCount + BigInt(parts.reduce((sum, { rows }) => sum + rows, 0)),
      bytesCount: held.dataExport.bytesCount + BigInt(parts.reduce((sum, { bytes }) => sum + bytes, 0)),
      updatedAt: held.now,
    });
    await inner.flush();
    // So that the watchdog sees somebody at work.
    await markWorking(inner, argument.actId);
    return true;
  });
  if (!isOurs) await files.deleteAll(key);
}

/** Counts lines and bytes of each part of a range; a part whose objects are gone has none. */
function partTally({ first, last }: PartRange) {
  const rows = new Int32Array(last - first + 1);
  const bytes = new Float64Array(last - first + 1);
  return {
    add: (part: number, length: number): void => {
      rows[part - first]! += 1;
      bytes[part - first]! += length;
    },
    parts: (): DonePart[] =>
      [...rows.keys()].map((place) => ({ index: first + place, rows: rows[place]!, bytes: bytes[place]! })),
  };
}
