import { join } from 'node:path';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { STORAGE_PATIENCE_MS } from '../../activities/data-exports/export-settings.ts';
import { folderStore } from '../../activities/files/folder-store.ts';
import { signedLinks } from '../../activities/files/signed-links.ts';
import { noFault } from '../../activities/fault-point.ts';
import { lookAheadLimits } from '../../activities/look-ahead-limits.ts';
import { runFolder } from './processes/run-folder.ts';

const startsNothing = () => Promise.resolve({ started: [], failed: [] });

/** What activities need, without Temporal: nothing is started, nothing is late, nothing fails. */
export const activityDependencies = (
  orm: MikroORM,
  realTime: () => Date,
  overrides: Partial<ActivityDependencies> = {},
): ActivityDependencies => ({
  orm,
  starter: { start: startsNothing, wake: startsNothing },
  timing: { delaySeconds: 0, spreadSeconds: 0, alertDays: [15, 45] },
  realTime,
  lookAhead: lookAheadLimits(),
  askVies: () => Promise.reject(new Error('no test reaches VIES but through a stand-in')),
  taxProviders: new Map(),
  postMail: null,
  files: folderStore(join(runFolder(), 'files')),
  exporting: {
    partSize: 20,
    storagePatienceMs: STORAGE_PATIENCE_MS,
    linkOf: signedLinks('the secret key of the tests', 'https://billing.test').linkOf,
  },
  actsWritten: () => undefined,
  fault: noFault,
  warn: () => undefined,
  ...overrides,
});
