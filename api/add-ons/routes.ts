import { createAddOn } from '../../activities/add-ons/create-add-on.ts';
import { deleteAddOn } from '../../activities/add-ons/delete-add-on.ts';
import { updateAddOn } from '../../activities/add-ons/update-add-on.ts';
import { notFound } from '../../billing/refusal.ts';
import { AddOn } from '../../db/entities/add-ons/add-on.ts';
import { shownTaxesOf, taxesOf } from '../../db/queries/taxes/attached-taxes.ts';
import { addOnJson } from '../../shapes/add-ons/add-on.ts';
import { scopeOf } from '../http/command-scope.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import { route, type Route } from '../http/route.ts';
import { refusingDuplicates } from '../http/unique-violation.ts';
import { addOnAnswer, addOnCreateSchema, addOnListAnswer, addOnListQuery, addOnUpdateSchema } from './schema.ts';
import { toCreateAddOn, toUpdateAddOn } from './to-command.ts';

const CONSTRAINTS = { add_ons_code: 'code' };

const permission = 'add_on';

const create = route({
  method: 'post',
  path: '/add_ons',
  permission,
  summary: 'Create an add-on: something that is sold once, by an invoice of its own',
  root: 'add_on',
  body: addOnCreateSchema,
  answer: addOnAnswer,
  handle: async (context, { body }) => {
    const { addOn, taxes } = await refusingDuplicates(CONSTRAINTS, () =>
      context.em.transactional((em) => createAddOn(em, scopeOf(context), toCreateAddOn(body))),
    );
    return { add_on: addOnJson(addOn, taxes) };
  },
});

const update = route({
  method: 'put',
  path: '/add_ons/:code',
  permission,
  summary: 'Change an add-on; past fees stay as they are',
  root: 'add_on',
  body: addOnUpdateSchema,
  answer: addOnAnswer,
  handle: async (context, { params, body }) => {
    const { addOn, taxes } = await refusingDuplicates(CONSTRAINTS, () =>
      context.em.transactional((em) => updateAddOn(em, scopeOf(context), params['code'] ?? '', toUpdateAddOn(body))),
    );
    return { add_on: addOnJson(addOn, taxes) };
  },
});

const read = route({
  method: 'get',
  path: '/add_ons/:code',
  permission,
  summary: 'One add-on',
  answer: addOnAnswer,
  handle: async ({ em }, { params }) => {
    const addOn = await em.findOne(AddOn, { code: params['code'] ?? '', deletedAt: null });
    if (!addOn) throw notFound('add_on');
    return { add_on: addOnJson(addOn, await taxesOf(em, addOn)) };
  },
});

const list = route({
  method: 'get',
  path: '/add_ons',
  permission,
  summary: 'Add-ons, newest first',
  query: addOnListQuery,
  answer: addOnListAnswer,
  handle: async ({ em, organization }, { query }) => {
    const page = pageOf(query);
    const [addOns, total] = await em.findAndCount(
      AddOn,
      { deletedAt: null },
      { orderBy: { createdAt: 'desc', id: 'asc' }, limit: page.limit, offset: page.offset },
    );
    const taxes = await shownTaxesOf(
      em,
      organization.id,
      addOns.map(({ id }) => id),
    );
    return { add_ons: addOns.map((addOn) => addOnJson(addOn, taxes.get(addOn.id) ?? [])), meta: metaOf(page, total) };
  },
});

const remove = route({
  method: 'delete',
  path: '/add_ons/:code',
  permission,
  summary: 'Delete an add-on; past fees stay as they are',
  answer: addOnAnswer,
  handle: async (context, { params }) => {
    const { addOn, taxes } = await context.em.transactional((em) =>
      deleteAddOn(em, scopeOf(context), params['code'] ?? ''),
    );
    return { add_on: addOnJson(addOn, taxes) };
  },
});

export const routes: readonly Route[] = [create, update, read, list, remove];
