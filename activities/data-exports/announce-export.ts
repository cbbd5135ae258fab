import type { EntityManager } from '@mikro-orm/postgresql';
import { fileNameOf } from '../../billing/data-exports/data-export.ts';
import type { DataExport } from '../../db/entities/data-exports/data-export.ts';
import { dataExportJson } from '../../shapes/data-exports/data-export.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { writeMail } from '../mail/write-mail.ts';
import { emitWebhooks } from '../webhooks/emit-webhooks.ts';

/**
 * Tells of an export that has ended, in the transaction that ends it (spec, api 4.4, 5.2).
 *
 * @param now the organization's clock.
 */
export async function announceExport(
  em: EntityManager,
  dependencies: Pick<ActivityDependencies, 'exporting' | 'postMail' | 'realTime'>,
  dataExport: DataExport,
  now: Date,
): Promise<void> {
  const { id, organizationId, status, notifyEmail, expiresAt } = dataExport;
  const { linkOf } = dependencies.exporting;
  const type = status === 'completed' ? 'data_export.completed' : 'data_export.failed';
  await emitWebhooks(em, { organizationId, now }, [type], () => [
    { type, objectId: id, object: dataExportJson(dataExport, linkOf, now) },
  ]);
  if (status !== 'completed' || notifyEmail == null || expiresAt == null) return;
  const facts = { filename: fileNameOf(dataExport), link: linkOf(dataExport), expiresAt: expiresAt.toISOString() };
  const mail = { organizationId, kind: 'data_export_ready', objectId: id, recipient: notifyEmail, facts } as const;
  await writeMail(em, dependencies, mail, now);
}
