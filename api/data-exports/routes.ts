import { z } from 'zod';
import { cancelDataExport } from '../../activities/data-exports/cancel-data-export.ts';
import { createDataExport } from '../../activities/data-exports/create-data-export.ts';
import { notFound } from '../../billing/refusal.ts';
import { DataExport } from '../../db/entities/data-exports/data-export.ts';
import { dataExportList } from '../../db/lists/data-exports.ts';
import { findById } from '../../db/queries/find-by-id.ts';
import { dataExportJson } from '../../shapes/data-exports/data-export.ts';
import { scopeOf } from '../http/command-scope.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import type { RequestContext } from '../http/request-context.ts';
import { route, type Route } from '../http/route.ts';
import { fileOf } from './download.ts';
import { dataExportAnswer, dataExportCreateSchema, dataExportListAnswer, dataExportListQuery } from './schema.ts';
import { toCreateDataExport } from './to-command.ts';

const permission = 'data_export';

const answerOf = ({ linkOf, now }: RequestContext, dataExport: DataExport) => ({
  data_export: dataExportJson(dataExport, linkOf, now),
});

async function found({ em }: RequestContext, id: string | undefined): Promise<DataExport> {
  const dataExport = await findById(em, DataExport, id ?? '');
  if (!dataExport) throw notFound('data_export');
  return dataExport;
}

const create = route({
  method: 'post',
  path: '/data_exports',
  permission,
  summary: 'Make a file of a list, in the background',
  root: 'data_export',
  body: dataExportCreateSchema,
  answer: dataExportAnswer,
  handle: async (context, { body }) => {
    const command = await toCreateDataExport(context, body);
    const { dataExport, acts } = await context.em.transactional((em) =>
      createDataExport(em, scopeOf(context), command),
    );
    context.startAfterAnswer(acts);
    return answerOf(context, dataExport);
  },
});

const list = route({
  method: 'get',
  path: '/data_exports',
  permission,
  summary: 'Exports, newest first',
  query: dataExportListQuery,
  answer: dataExportListAnswer,
  handle: async ({ em, linkOf, now }, { query }) => {
    const page = pageOf(query);
    const filter = { resourceTypes: query.resource_type, statuses: query.status };
    const { rows, total } = await dataExportList.page(em, filter, page);
    return { data_exports: rows.map((row) => dataExportJson(row, linkOf, now)), meta: metaOf(page, total) };
  },
});

const read = route({
  method: 'get',
  path: '/data_exports/:id',
  permission,
  summary: 'One export, and how far it is',
  answer: dataExportAnswer,
  handle: async (context, { params }) => answerOf(context, await found(context, params['id'])),
});

const download = route({
  method: 'get',
  path: '/data_exports/:id/download',
  permission,
  summary: 'The file of an export, whole or a range of its bytes',
  answer: z.string(),
  answerType: 'text/csv',
  handle: async (context, { params }) => fileOf(await found(context, params['id']), context.now),
});

const cancel = route({
  method: 'post',
  path: '/data_exports/:id/cancel',
  permission,
  summary: 'End an export that is not completed yet',
  answer: dataExportAnswer,
  handle: async (context, { params }) =>
    answerOf(
      context,
      await context.em.transactional((em) => cancelDataExport(em, scopeOf(context), params['id'] ?? '')),
    ),
});

export const routes: readonly Route[] = [create, list, read, download, cancel];
