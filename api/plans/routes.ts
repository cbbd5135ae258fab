import { createPlan } from '../../activities/plans/create-plan.ts';
import { startPlanDeletion } from '../../activities/plans/start-plan-deletion.ts';
import { updatePlan } from '../../activities/plans/update-plan.ts';
import { notFound } from '../../billing/refusal.ts';
import { Plan } from '../../db/entities/plans/plan.ts';
import { planList } from '../../db/lists/plans.ts';
import { scopeOf } from '../http/command-scope.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import { route, type Route } from '../http/route.ts';
import { refusingDuplicates } from '../http/unique-violation.ts';
import { listedPlanJson, planJson } from '../../shapes/plans/plan.ts';
import { withCharges } from '../../shapes/plans/load-plans.ts';
import { planAnswer, planCreateSchema, planListAnswer, planListQuery, planUpdateSchema } from './schema.ts';
import { toPlanCommand, toPlanUpdateCommand } from './to-command.ts';

const CONSTRAINTS = { plans_code: 'code', charges_code: 'code' };

const permission = 'plan';

const create = route({
  method: 'post',
  path: '/plans',
  permission,
  summary: 'Create a plan with its charges',
  root: 'plan',
  body: planCreateSchema,
  answer: planAnswer,
  handle: async (context, { body }) => {
    const { plan } = await refusingDuplicates(CONSTRAINTS, () =>
      context.em.transactional((em) => createPlan(em, scopeOf(context), toPlanCommand(body))),
    );
    return { plan: planJson(plan) };
  },
});

const update = route({
  method: 'put',
  path: '/plans/:code',
  permission,
  summary: 'Change a plan; a list of charges is the whole new list',
  root: 'plan',
  body: planUpdateSchema,
  answer: planAnswer,
  handle: async (context, { params, body }) => {
    const { plan, acts } = await refusingDuplicates(CONSTRAINTS, () =>
      context.em.transactional((em) =>
        updatePlan(em, scopeOf(context), params['code'] ?? '', toPlanUpdateCommand(body)),
      ),
    );
    context.startAfterAnswer(acts);
    return { plan: planJson(plan) };
  },
});

const read = route({
  method: 'get',
  path: '/plans/:code',
  permission,
  summary: 'One plan of the catalogue',
  answer: planAnswer,
  handle: async ({ em }, { params }) => {
    const plan = await em.findOne(Plan, { code: params['code'] ?? '', parentId: null, deletedAt: null });
    const [loaded] = plan ? await withCharges(em, [plan]) : [];
    if (!loaded) throw notFound('plan');
    return { plan: planJson(loaded) };
  },
});

const list = route({
  method: 'get',
  path: '/plans',
  permission,
  summary: 'Plans of the catalogue, newest first; fixed charges are left out',
  query: planListQuery,
  answer: planListAnswer,
  handle: async ({ em }, { query }) => {
    const page = pageOf(query);
    const { rows, total } = await planList.page(em, {}, page);
    return { plans: (await withCharges(em, rows)).map(listedPlanJson), meta: metaOf(page, total) };
  },
});

const remove = route({
  method: 'delete',
  path: '/plans/:code',
  permission,
  summary: 'Delete a plan: nobody can subscribe to it any more, its subscriptions end behind the answer, invoices stay',
  answer: planAnswer,
  handle: async (context, { params }) => {
    const { plan, acts } = await context.em.transactional((em) =>
      startPlanDeletion(em, scopeOf(context), params['code'] ?? ''),
    );
    context.startAfterAnswer(acts);
    return { plan: planJson(plan) };
  },
});

export const routes: readonly Route[] = [create, update, read, list, remove];
