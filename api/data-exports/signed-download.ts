import type { RequestHandler } from 'express';
import type { MikroORM } from '@mikro-orm/postgresql';
import { validate as isUuid } from 'uuid';
import type { FileStore } from '../../activities/files/file-store.ts';
import type { SignedLinks } from '../../activities/files/signed-links.ts';
import { notFound } from '../../billing/refusal.ts';
import { DataExport } from '../../db/entities/data-exports/data-export.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import { EVERY_ORGANIZATION } from '../../db/orm.ts';
import { nowOf } from '../http/clock.ts';
import { sendStoredFile } from '../http/stored-file.ts';
import { fileOf } from './download.ts';

/** Relative to the server, not to `/api/v1`: it takes no key. */
export const SIGNED_PATH = '/files/data_exports/:id/:filename';

/** The file behind a signed link. Who has not got the link from us learns nothing of what there is. */
export const signedDownload =
  ({ orm, files, links }: { orm: MikroORM; files: FileStore; links: SignedLinks }): RequestHandler =>
  async (request, response) => {
    const { id = '' } = request.params as Record<string, string>;
    const signature = new URL(request.originalUrl, 'http://localhost').searchParams.get('signature') ?? '';
    const em = orm.em.fork();
    const dataExport = isUuid(id) ? await em.findOne(DataExport, { id }, EVERY_ORGANIZATION) : null;
    if (!dataExport || !links.isSigned(dataExport, signature)) throw notFound('resource');
    const organization = await em.findOneOrFail(Organization, { id: dataExport.organizationId });
    await sendStoredFile(request, response, files, fileOf(dataExport, nowOf(organization)));
  };
