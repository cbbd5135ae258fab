import { billNow } from '../../activities/subscriptions/bill-now.ts';
import { retryAct } from '../../activities/acts/retry-act.ts';
import { wakeWorkflow } from '../../activities/acts/wake-workflow.ts';
import { notFound } from '../../billing/refusal.ts';
import { Act } from '../../db/entities/acts/act.ts';
import { scopeOf } from '../http/command-scope.ts';
import type { RequestContext } from '../http/request-context.ts';
import { route, type Route } from '../http/route.ts';
import { workflowJson } from '../../shapes/acts/workflow.ts';
import { listWorkflows } from './list-workflows.ts';
import { workflowAnswer, workflowsAnswer, workflowsQuery } from './schema.ts';

/** @throws Refusal 404 `workflow_not_found`. */
async function answerOf({ em, workflowUrl }: RequestContext, id: string) {
  const act = await em.findOne(Act, { id }, { refresh: true });
  if (!act) throw notFound('workflow');
  return { workflow: workflowJson(act, workflowUrl) };
}

/** Ours: what is done durably, as the table of acts knows it. Temporal is not asked, so it may be away. */
export const routes: readonly Route[] = [
  route({
    method: 'get',
    path: '/workflows',
    permission: 'workflow',
    summary: 'Workflows, newest first',
    query: workflowsQuery,
    answer: workflowsAnswer,
    handle: async ({ em, workflowUrl }, { query }) => {
      const { rows, meta } = await listWorkflows(em, query);
      return { workflows: rows.map((act) => workflowJson(act, workflowUrl)), meta };
    },
  }),
  route({
    method: 'get',
    path: '/workflows/:id',
    permission: 'workflow',
    summary: 'One workflow; the slashes of its id are encoded as %2F',
    answer: workflowAnswer,
    handle: (context, { params }) => answerOf(context, params['id'] ?? ''),
  }),
  route({
    method: 'post',
    path: '/workflows/:id/retry',
    permission: 'workflow',
    summary: 'Start a failed workflow again, with those that failed on the same invoices; 405 `workflow_not_failed`',
    answer: workflowAnswer,
    handle: async (context, { params }) => {
      const id = params['id'] ?? '';
      const acts = await context.em.transactional((em) => retryAct(em, id));
      context.startAfterAnswer(acts);
      return answerOf(context, id);
    },
  }),
  route({
    method: 'post',
    path: '/workflows/:id/wake',
    permission: 'workflow',
    summary: 'Have a waiting workflow look at once whether its moment has come; 405 `workflow_not_waiting`',
    answer: workflowAnswer,
    handle: async (context, { params }) => {
      const id = params['id'] ?? '';
      const act = await context.em.transactional((em) => wakeWorkflow(em, scopeOf(context), id));
      context.startAfterAnswer([act]);
      return answerOf(context, id);
    },
  }),
  route({
    method: 'post',
    path: '/subscriptions/:external_id/bill',
    permission: 'subscription',
    summary: 'Bill what is due now, without the billing delay; 405 `nothing_due` before the billing day has come',
    answer: workflowAnswer,
    handle: async (context, { params }) => {
      const { em, now } = context;
      const acts = await em.transactional((inner) => billNow(inner, params['external_id'] ?? '', now));
      context.startAfterAnswer(acts);
      return answerOf(context, acts[0].id);
    },
  }),
];
