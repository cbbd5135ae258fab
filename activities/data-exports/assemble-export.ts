import { expiresAt } from '../../billing/data-exports/data-export.ts';
import { markWorking } from '../../db/acts/lanes.ts';
import { DataExport } from '../../db/entities/data-exports/data-export.ts';
import { scopedTo } from '../../db/orm.ts';
import { partFiles } from '../../db/queries/data-exports/parts.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { writeTo } from '../files/file-store.ts';
import { beating } from '../heartbeats.ts';
import { announceExport } from './announce-export.ts';
import type { ExportArgument } from './export-act.ts';
import { fileKeyOf } from './export-files.ts';
import { holdingExport } from './held-export.ts';
import { endTrouble, withStorage } from './storage-trouble.ts';

export interface Assembled {
  readonly outcome: 'completed' | 'ended';
}

/**
 * Puts the parts together under one line of names, and completes the export with its webhook and its mail, all of them
 * once (S069). The file may be written twice, with the same bytes.
 */
export const assembleExport = (dependencies: ActivityDependencies, argument: ExportArgument): Promise<Assembled> =>
  beating(() =>
    withStorage(dependencies, argument, async () => {
      const { organizationId, exportId } = argument;
      const { files, fault } = dependencies;
      const em = scopedTo(dependencies.orm.em, organizationId);
      const dataExport = await em.findOneOrFail(DataExport, { id: exportId });
      if (dataExport.status !== 'processing') return { outcome: 'ended' };
      const head = Buffer.from(`${(dataExport.columns ?? []).join(',')}\n`);
      const keys = await partFiles(em, exportId);
      let bytes = 0;
      await files.write(fileKeyOf(exportId), async (sink) => {
        await writeTo(sink, head);
        bytes = head.length;
        for (const key of keys) {
          for await (const chunk of await files.read(key)) {
            await writeTo(sink, chunk as Buffer);
            bytes += (chunk as Buffer).length;
          }
        }
      });
      const expected = dataExport.bytesCount + BigInt(head.length);
      if (BigInt(bytes) !== expected) {
        throw new Error(`the file of export ${exportId} has ${bytes} bytes, and its parts have ${expected}`);
      }
      fault('export:assembled');
      return holdingExport<Assembled>(dependencies, argument, async (inner, { dataExport: held, now }) => {
        if (held.status !== 'processing') return { outcome: 'ended' };
        await markWorking(inner, argument.actId);
        endTrouble(inner, held);
        const completed = { completedAt: now, expiresAt: expiresAt(now), updatedAt: now };
        inner.assign(held, { status: 'completed', bytesCount: BigInt(bytes), ...completed });
        await inner.flush();
        await announceExport(inner, dependencies, held, now);
        return { outcome: 'completed' };
      });
    }),
  );
