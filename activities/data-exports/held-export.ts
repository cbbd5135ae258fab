import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { DataExport } from '../../db/entities/data-exports/data-export.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import { done, inActTransaction } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { ExportArgument } from './export-act.ts';

/** An export that nobody else changes until the end of the transaction. */
export interface HeldExport {
  readonly dataExport: DataExport;
  /** The organization's clock. */
  readonly now: Date;
}

/** Works on an export in a transaction that holds it: steps of one export follow each other. */
export const holdingExport = <Outcome>(
  dependencies: ActivityDependencies,
  { organizationId, exportId }: ExportArgument,
  work: (em: EntityManager, held: HeldExport) => Promise<Outcome>,
): Promise<Outcome> =>
  inActTransaction<Outcome>(dependencies, 'export', { organizationId }, async (em) => {
    const { clockNow } = await em.findOneOrFail(Organization, { id: organizationId });
    const dataExport = await em.findOneOrFail(
      DataExport,
      { id: exportId },
      { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true },
    );
    return done(await work(em, { dataExport, now: clockNow ?? dependencies.realTime() }));
  });
