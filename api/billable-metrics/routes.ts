import { createMetric } from '../../activities/billable-metrics/create-metric.ts';
import { deleteMetric } from '../../activities/billable-metrics/delete-metric.ts';
import { updateMetric } from '../../activities/billable-metrics/update-metric.ts';
import { tryExpression } from '../../billing/usage/expression/try-expression.ts';
import { notFound } from '../../billing/refusal.ts';
import { BillableMetric } from '../../db/entities/usage/billable-metric.ts';
import { billableMetricList } from '../../db/lists/billable-metrics.ts';
import { scopeOf } from '../http/command-scope.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import { route, type Route } from '../http/route.ts';
import { refusingDuplicates } from '../http/unique-violation.ts';
import { metricJson, metricJsonWithCounts } from '../../shapes/billable-metrics/billable-metric.ts';
import {
  evaluationAnswer,
  evaluationInput,
  metricAnswer,
  metricCreateSchema,
  metricListAnswer,
  metricListQuery,
  metricUpdateSchema,
} from './schema.ts';
import { toEvaluatedEvent, toMetricCommand } from './to-command.ts';

const CONSTRAINTS = { billable_metrics_code: 'code' };

const permission = 'billable_metric';

const create = route({
  method: 'post',
  path: '/billable_metrics',
  permission,
  summary: 'Create a billable metric',
  root: 'billable_metric',
  body: metricCreateSchema,
  answer: metricAnswer,
  handle: async (context, { body }) => {
    const { metric, acts } = await refusingDuplicates(CONSTRAINTS, () =>
      context.em.transactional((em) => createMetric(em, scopeOf(context), toMetricCommand(body))),
    );
    context.startAfterAnswer(acts);
    return { billable_metric: metricJsonWithCounts(metric) };
  },
});

const update = route({
  method: 'put',
  path: '/billable_metrics/:code',
  permission,
  summary: 'Change a billable metric; only name, description and filters once a plan charges for it',
  root: 'billable_metric',
  body: metricUpdateSchema,
  answer: metricAnswer,
  handle: async (context, { params, body }) => {
    const { metric, acts } = await refusingDuplicates(CONSTRAINTS, () =>
      context.em.transactional((em) => updateMetric(em, scopeOf(context), params['code'] ?? '', toMetricCommand(body))),
    );
    context.startAfterAnswer(acts);
    return { billable_metric: metricJsonWithCounts(metric) };
  },
});

const evaluate = route({
  method: 'post',
  path: '/billable_metrics/evaluate_expression',
  permission,
  summary: 'Try an expression on an event; nothing is stored',
  body: evaluationInput,
  answer: evaluationAnswer,
  handle: ({ now }, { body }) => {
    const value = tryExpression(body.expression ?? null, toEvaluatedEvent(body, now));
    return Promise.resolve({ expression_result: { value } });
  },
});

const read = route({
  method: 'get',
  path: '/billable_metrics/:code',
  permission,
  summary: 'One billable metric',
  answer: metricAnswer,
  handle: async ({ em }, { params }) => {
    const metric = await em.findOne(BillableMetric, { code: params['code'] ?? '', deletedAt: null });
    if (!metric) throw notFound('billable_metric');
    return { billable_metric: metricJson(metric) };
  },
});

const list = route({
  method: 'get',
  path: '/billable_metrics',
  permission,
  summary: 'Billable metrics, newest first',
  query: metricListQuery,
  answer: metricListAnswer,
  handle: async ({ em }, { query }) => {
    const page = pageOf(query);
    const { rows, total } = await billableMetricList.page(em, {}, page);
    return { billable_metrics: rows.map(metricJsonWithCounts), meta: metaOf(page, total) };
  },
});

const remove = route({
  method: 'delete',
  path: '/billable_metrics/:code',
  permission,
  summary: 'Delete a billable metric and its charges; its events and fees stay',
  answer: metricAnswer,
  handle: async (context, { params }) => {
    const { metric, acts } = await context.em.transactional((em) =>
      deleteMetric(em, scopeOf(context), params['code'] ?? ''),
    );
    context.startAfterAnswer(acts);
    return { billable_metric: metricJsonWithCounts(metric) };
  },
});

export const routes: readonly Route[] = [create, update, evaluate, read, list, remove];
