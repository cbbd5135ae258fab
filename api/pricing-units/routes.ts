import { createPricingUnit } from '../../activities/pricing-units/create-pricing-unit.ts';
import { updatePricingUnit } from '../../activities/pricing-units/update-pricing-unit.ts';
import { notFound } from '../../billing/refusal.ts';
import { PricingUnit } from '../../db/entities/plans/pricing-unit.ts';
import { pricingUnitJson } from '../../shapes/plans/pricing-unit.ts';
import { scopeOf } from '../http/command-scope.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import { route, type Route } from '../http/route.ts';
import { refusingDuplicates } from '../http/unique-violation.ts';
import {
  pricingUnitAnswer,
  pricingUnitCreateSchema,
  pricingUnitListAnswer,
  pricingUnitListQuery,
  pricingUnitUpdateSchema,
} from './schema.ts';
import { toCreatePricingUnit, toUpdatePricingUnit } from './to-command.ts';

// Ours: in the reference pricing units are made behind its private interface alone (spec, usage 11). They are part of
// the price list, so that whoever may change plans may change them.
const permission = 'plan';

const create = route({
  method: 'post',
  path: '/pricing_units',
  permission,
  summary: 'Create a pricing unit, such as credits, in which charges say their prices',
  root: 'pricing_unit',
  body: pricingUnitCreateSchema,
  answer: pricingUnitAnswer,
  handle: async (context, { body }) => {
    const unit = await refusingDuplicates({ pricing_units_code: 'code' }, () =>
      context.em.transactional((em) => createPricingUnit(em, scopeOf(context), toCreatePricingUnit(body))),
    );
    return { pricing_unit: pricingUnitJson(unit) };
  },
});

const update = route({
  method: 'put',
  path: '/pricing_units/:code',
  permission,
  summary: 'Change a pricing unit; past fees stay as they are',
  root: 'pricing_unit',
  body: pricingUnitUpdateSchema,
  answer: pricingUnitAnswer,
  handle: async (context, { params, body }) => {
    const unit = await context.em.transactional((em) =>
      updatePricingUnit(em, scopeOf(context), params['code'] ?? '', toUpdatePricingUnit(body)),
    );
    return { pricing_unit: pricingUnitJson(unit) };
  },
});

const read = route({
  method: 'get',
  path: '/pricing_units/:code',
  permission,
  summary: 'One pricing unit',
  answer: pricingUnitAnswer,
  handle: async ({ em }, { params }) => {
    const unit = await em.findOne(PricingUnit, { code: params['code'] ?? '' });
    if (!unit) throw notFound('pricing_unit');
    return { pricing_unit: pricingUnitJson(unit) };
  },
});

const list = route({
  method: 'get',
  path: '/pricing_units',
  permission,
  summary: 'Pricing units, newest first',
  query: pricingUnitListQuery,
  answer: pricingUnitListAnswer,
  handle: async ({ em }, { query }) => {
    const page = pageOf(query);
    const [units, total] = await em.findAndCount(
      PricingUnit,
      {},
      { orderBy: { createdAt: 'desc', id: 'asc' }, limit: page.limit, offset: page.offset },
    );
    return { pricing_units: units.map(pricingUnitJson), meta: metaOf(page, total) };
  },
});

export const routes: readonly Route[] = [create, update, read, list];
