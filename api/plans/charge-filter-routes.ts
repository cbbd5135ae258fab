import {
  createChargeFilter,
  deleteChargeFilter,
  updateChargeFilter,
  type SavedChargeFilter,
} from '../../activities/plans/change-charge-filters.ts';
import { filterById } from '../../billing/plans/one-charge.ts';
import { chargeFilterJson } from '../../shapes/plans/charge-filter.ts';
import { chargeOfPlan } from '../../shapes/plans/load-charges.ts';
import { pageOfRows } from '../../shapes/page-of-rows.ts';
import { scopeOf } from '../http/command-scope.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import { route, type Route } from '../http/route.ts';
import { addressOf } from './charge-routes.ts';
import {
  chargeFilterAnswer,
  chargeFilterChangeInput,
  chargeFilterInput,
  chargeFilterListAnswer,
  chargeListQuery,
} from './charge-schema.ts';
import { toChargeFilterChange, toChargeFilterCommand } from './to-command.ts';

const permission = 'plan';
const path = '/plans/:code/charges/:charge_code/filters';

const filterAddressOf = (params: Readonly<Record<string, string>>) => ({
  ...addressOf(params),
  filterId: params['filter_id'] ?? '',
});

const answerOf = ({ filter, charge }: Pick<SavedChargeFilter, 'filter' | 'charge'>) => ({
  filter: chargeFilterJson(filter, charge),
});

const create = route({
  method: 'post',
  path,
  permission,
  summary: 'Add a filter to a charge of a plan',
  root: 'filter',
  body: chargeFilterInput,
  answer: chargeFilterAnswer,
  handle: async (context, { params, body }) => {
    const saved = await context.em.transactional((em) =>
      createChargeFilter(em, scopeOf(context), addressOf(params), toChargeFilterCommand(body)),
    );
    context.startAfterAnswer(saved.acts);
    return answerOf(saved);
  },
});

const update = route({
  method: 'put',
  path: `${path}/:filter_id`,
  permission,
  summary: 'Change the price or the name of a filter; its values stay',
  root: 'filter',
  body: chargeFilterChangeInput,
  answer: chargeFilterAnswer,
  handle: async (context, { params, body }) => {
    const saved = await context.em.transactional((em) =>
      updateChargeFilter(em, scopeOf(context), filterAddressOf(params), toChargeFilterChange(body)),
    );
    context.startAfterAnswer(saved.acts);
    return answerOf(saved);
  },
});

const read = route({
  method: 'get',
  path: `${path}/:filter_id`,
  permission,
  summary: 'One filter of a charge',
  answer: chargeFilterAnswer,
  handle: async ({ em }, { params }) => {
    const { charge } = await chargeOfPlan(em, addressOf(params));
    return answerOf({ charge: charge.charge, filter: filterById(charge.filters, filterAddressOf(params).filterId) });
  },
});

const list = route({
  method: 'get',
  path,
  permission,
  summary: 'Filters of a charge, newest first',
  query: chargeListQuery,
  answer: chargeFilterListAnswer,
  handle: async ({ em }, { params, query }) => {
    const { charge } = await chargeOfPlan(em, addressOf(params));
    const page = pageOf(query);
    const filters = pageOfRows(charge.filters, page).map((filter) => chargeFilterJson(filter, charge.charge));
    return { filters, meta: metaOf(page, charge.filters.length) };
  },
});

const remove = route({
  method: 'delete',
  path: `${path}/:filter_id`,
  permission,
  summary: 'Take a filter out of a charge; its fees stay',
  answer: chargeFilterAnswer,
  handle: async (context, { params }) => {
    const saved = await context.em.transactional((em) =>
      deleteChargeFilter(em, scopeOf(context), filterAddressOf(params)),
    );
    context.startAfterAnswer(saved.acts);
    return answerOf(saved);
  },
});

export const routes: readonly Route[] = [create, update, read, list, remove];
