import { createTax } from '../../activities/taxes/create-tax.ts';
import { deleteTax } from '../../activities/taxes/delete-tax.ts';
import { updateTax } from '../../activities/taxes/update-tax.ts';
import { notFound } from '../../billing/refusal.ts';
import { Tax } from '../../db/entities/taxes/tax.ts';
import { shownTaxes } from '../../db/queries/taxes/attached-taxes.ts';
import { taxJson } from '../../shapes/taxes/tax.ts';
import { scopeOf } from '../http/command-scope.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import { route, type Route } from '../http/route.ts';
import { refusingDuplicates } from '../http/unique-violation.ts';
import { taxAnswer, taxCreateSchema, taxListAnswer, taxListQuery, taxUpdateSchema } from './schema.ts';
import { toCreateTax, toUpdateTax } from './to-command.ts';

const CONSTRAINTS = { taxes_code: 'code' };

const permission = 'tax';

const create = route({
  method: 'post',
  path: '/taxes',
  permission,
  summary: 'Create a tax',
  root: 'tax',
  body: taxCreateSchema,
  answer: taxAnswer,
  handle: async (context, { body }) => {
    const { tax, acts } = await refusingDuplicates(CONSTRAINTS, () =>
      context.em.transactional((em) => createTax(em, scopeOf(context), toCreateTax(body))),
    );
    context.startAfterAnswer(acts);
    return { tax: taxJson(tax) };
  },
});

const update = route({
  method: 'put',
  path: '/taxes/:code',
  permission,
  summary: 'Change a tax: drafts that bear it are made anew, final invoices stay as they are',
  root: 'tax',
  body: taxUpdateSchema,
  answer: taxAnswer,
  handle: async (context, { params, body }) => {
    const { tax, acts } = await refusingDuplicates(CONSTRAINTS, () =>
      context.em.transactional((em) => updateTax(em, scopeOf(context), params['code'] ?? '', toUpdateTax(body))),
    );
    context.startAfterAnswer(acts);
    return { tax: taxJson(tax) };
  },
});

const read = route({
  method: 'get',
  path: '/taxes/:code',
  permission,
  summary: 'One tax',
  answer: taxAnswer,
  handle: async ({ em, organization }, { params }) => {
    const found = await em.findOne(Tax, { code: params['code'] ?? '', deletedAt: null });
    const [tax] = found ? await shownTaxes(em, organization.id, [found.id]) : [];
    if (!tax) throw notFound('tax');
    return { tax: taxJson(tax) };
  },
});

const list = route({
  method: 'get',
  path: '/taxes',
  permission,
  summary: 'Taxes, newest first',
  query: taxListQuery,
  answer: taxListAnswer,
  handle: async ({ em, organization }, { query }) => {
    const page = pageOf(query);
    const [found, total] = await em.findAndCount(
      Tax,
      { deletedAt: null },
      { orderBy: { createdAt: 'desc', id: 'asc' }, limit: page.limit, offset: page.offset },
    );
    const ids = found.map(({ id }) => id);
    return { taxes: (await shownTaxes(em, organization.id, ids)).map(taxJson), meta: metaOf(page, total) };
  },
});

const remove = route({
  method: 'delete',
  path: '/taxes/:code',
  permission,
  summary: 'Delete a tax: nothing has it any more, drafts that bear it are made anew, final invoices stay as they are',
  answer: taxAnswer,
  handle: async (context, { params }) => {
    const { tax, acts } = await context.em.transactional((em) => deleteTax(em, scopeOf(context), params['code'] ?? ''));
    context.startAfterAnswer(acts);
    return { tax: taxJson(tax) };
  },
});

export const routes: readonly Route[] = [create, update, read, list, remove];
