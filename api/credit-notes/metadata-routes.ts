import { changeMetadata } from '../../activities/credit-notes/change-metadata.ts';
import { mergedMetadata, withoutKey, type FlatMetadata } from '../../billing/metadata/flat-metadata.ts';
import { notFound } from '../../billing/refusal.ts';
import { scopeOf } from '../http/command-scope.ts';
import { flatMetadata } from '../http/flat-metadata.ts';
import type { RequestContext } from '../http/request-context.ts';
import { route, type Route } from '../http/route.ts';
import { creditNoteMetadataAnswer } from './schema.ts';

const permission = 'credit_note';
const path = '/credit_notes/:id/metadata';

const answerTo = async (
  context: RequestContext,
  params: Readonly<Record<string, string>>,
  change: (present: FlatMetadata | null) => FlatMetadata | null,
) => ({
  metadata: await context.em.transactional((em) => changeMetadata(em, scopeOf(context), params['id'] ?? '', change)),
});

/** Spec, api 2.6. */
export const metadataRoutes: readonly Route[] = [
  route({
    method: 'post',
    path,
    permission,
    summary: "Replace a credit note's metadata",
    root: 'metadata',
    body: flatMetadata,
    answer: creditNoteMetadataAnswer,
    handle: (context, { params, body }) => answerTo(context, params, () => body),
  }),
  route({
    method: 'patch',
    path,
    permission,
    summary: "Add to a credit note's metadata",
    root: 'metadata',
    body: flatMetadata,
    answer: creditNoteMetadataAnswer,
    handle: (context, { params, body }) => answerTo(context, params, (present) => mergedMetadata(present, body)),
  }),
  route({
    method: 'delete',
    path,
    permission,
    summary: "Delete a credit note's metadata",
    answer: creditNoteMetadataAnswer,
    handle: (context, { params }) =>
      answerTo(context, params, (present) => {
        if (present === null) throw notFound('metadata');
        return null;
      }),
  }),
  route({
    method: 'delete',
    path: `${path}/:key`,
    permission,
    summary: "Delete one key of a credit note's metadata",
    answer: creditNoteMetadataAnswer,
    handle: (context, { params }) => answerTo(context, params, (present) => withoutKey(present, params['key'] ?? '')),
  }),
];
