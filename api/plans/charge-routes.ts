import { createCharge } from '../../activities/plans/create-charge.ts';
import { deleteCharge } from '../../activities/plans/delete-charge.ts';
import type { SavedCharge } from '../../activities/plans/change-one-charge.ts';
import { updateCharge } from '../../activities/plans/update-charge.ts';
import { chargeOfPlan, chargesOfPlan } from '../../shapes/plans/load-charges.ts';
import { chargeJson } from '../../shapes/plans/charge.ts';
import { scopeOf } from '../http/command-scope.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import { route, type Route } from '../http/route.ts';
import { refusingDuplicates } from '../http/unique-violation.ts';
import { chargeAnswer, chargeListAnswer, chargeListQuery, ownChargeInput } from './charge-schema.ts';
import { toOwnChargeCommand } from './to-command.ts';

const CONSTRAINTS = { charges_code: 'code' };

const permission = 'plan';

type Params = Readonly<Record<string, string>>;
export const addressOf = (params: Params) => ({
  planCode: params['code'] ?? '',
  chargeCode: params['charge_code'] ?? '',
});

const answerOf = ({ charge, taxes }: Pick<SavedCharge, 'charge' | 'taxes'>) => ({ charge: chargeJson(charge, taxes) });

const create = route({
  method: 'post',
  path: '/plans/:code/charges',
  permission,
  summary: 'Add a charge to a plan',
  root: 'charge',
  body: ownChargeInput,
  answer: chargeAnswer,
  handle: async (context, { params, body }) => {
    const { planCode } = addressOf(params);
    const saved = await refusingDuplicates(CONSTRAINTS, () =>
      context.em.transactional((em) => createCharge(em, scopeOf(context), planCode, toOwnChargeCommand(body))),
    );
    context.startAfterAnswer(saved.acts);
    return answerOf(saved);
  },
});

const update = route({
  method: 'put',
  path: '/plans/:code/charges/:charge_code',
  permission,
  summary: 'Change a charge of a plan; a list of filters is the whole new list',
  root: 'charge',
  body: ownChargeInput,
  answer: chargeAnswer,
  handle: async (context, { params, body }) => {
    const saved = await refusingDuplicates(CONSTRAINTS, () =>
      context.em.transactional((em) => updateCharge(em, scopeOf(context), addressOf(params), toOwnChargeCommand(body))),
    );
    context.startAfterAnswer(saved.acts);
    return answerOf(saved);
  },
});

const read = route({
  method: 'get',
  path: '/plans/:code/charges/:charge_code',
  permission,
  summary: 'One charge of a plan',
  answer: chargeAnswer,
  handle: async ({ em }, { params }) => answerOf(await chargeOfPlan(em, addressOf(params))),
});

const list = route({
  method: 'get',
  path: '/plans/:code/charges',
  permission,
  summary: 'Charges of a plan, newest first',
  query: chargeListQuery,
  answer: chargeListAnswer,
  handle: async ({ em }, { params, query }) => {
    const page = pageOf(query);
    const { charges, taxes, total } = await chargesOfPlan(em, addressOf(params).planCode, page);
    return { charges: charges.map((charge) => chargeJson(charge, taxes)), meta: metaOf(page, total) };
  },
});

const remove = route({
  method: 'delete',
  path: '/plans/:code/charges/:charge_code',
  permission,
  summary: 'Take a charge out of a plan; its fees stay',
  answer: chargeAnswer,
  handle: async (context, { params }) => {
    const saved = await context.em.transactional((em) => deleteCharge(em, scopeOf(context), addressOf(params)));
    context.startAfterAnswer(saved.acts);
    return answerOf(saved);
  },
});

export const routes: readonly Route[] = [create, update, read, list, remove];
